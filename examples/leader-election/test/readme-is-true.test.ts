import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileClusterOptions } from '@dromedary/cluster-file'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(folder, 'README.md'), 'utf8')
const withoutIndent = (text: string) => text.replaceAll(/^ +/gm, '')

it('quotes code that runs', () => {
  const sources = readdirSync(join(folder, 'src')).map(file =>
    withoutIndent(readFileSync(join(folder, 'src', file), 'utf8')),
  )
  const blocks = [...readme.matchAll(/```ts(?: fragment)?\n([\s\S]*?)```/g)].map(([, block]) =>
    withoutIndent(block as string),
  )
  expect(blocks).toHaveLength(2)
  for (const block of blocks) expect(sources.filter(source => source.includes(block))).toHaveLength(1)
})

it('names every option of the file service with its default', () => {
  for (const [field, schema] of Object.entries(fileClusterOptions.shape)) {
    // These two are for people who know why they want them.
    if (field === 'id' || field === 'allowKubernetes') continue
    const key = field.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
    const row = readme.split('\n').find(line => line.startsWith(`| \`cluster.file.${key}\` `))
    expect(row, key).toBeDefined()
    const standard = schema.safeParse(undefined).data
    if (typeof standard === 'number') expect(row).toContain(standard === 0 ? '`0`' : `\`${standard / 1000}s\``)
  }
})

it('links to files that are there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link as string)
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter(link => !existsSync(join(folder, link)))).toEqual([])
})
