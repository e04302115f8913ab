import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { readArguments } from '../src/simulator/arguments.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(folder, 'README.md'), 'utf8')

it('names every key of the configuration with its value', () => {
  const flat = (value: unknown, key: string): [string, string][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, one]) => flat(one, key === '' ? name : `${key}.${name}`))
      : [[key, String(value)]]
  const keys = flat(parse(readFileSync(join(folder, 'application.yaml'), 'utf8')), '')
  expect(keys.length).toBeGreaterThan(10)
  for (const [key, value] of keys) {
    const row = readme.split('\n').find(line => line.startsWith(`| \`${key}\` `))
    expect(row, key).toBeDefined()
    if (!value.startsWith('{{')) expect(row).toContain(`\`${value}\``)
  }
})

it('names options that the feed has', () => {
  const options = [...readme.matchAll(/^\| `(--[a-z-]+)=?([a-z0-9]*)` /gm)].map(([, name, value]) => [name, value])
  expect(options).toHaveLength(7)
  for (const [name, value] of options) {
    const argument = name === '--no-replay' ? '--no-replay' : `${name}=${value || '5'}`
    expect(() => readArguments([argument])).not.toThrow()
  }
})

it('links to files that are there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link as string)
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter(link => !existsSync(join(folder, link)))).toEqual([])
})
