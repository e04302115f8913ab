import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { keysOf, type Section } from '../src/configuration/section.ts'
import {
  clusterSection,
  logSection,
  nodeSection,
  observeSection,
  shutdownSection,
} from '../src/configuration/sections.ts'

const rows =
  readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    .match(/^\| `[a-z]+\.\S+` .*$/gm)
    ?.map(row => row.replaceAll(/ +/g, ' ')) ?? []
const sections: Section[] = [nodeSection, clusterSection([]), logSection, shutdownSection, observeSection]

it('every key of the schemas has a row, and every row is a key', () => {
  const keys = sections.flatMap(keysOf).map(({ key }) => key)
  const documented = rows.map(row => /`(.*?)`/.exec(row)?.[1] as string).filter(key => !key.includes('<'))
  expect(documented.toSorted()).toEqual(keys.toSorted())
})

it('the defaults in the rows are those of the schemas', () => {
  const standard = { ...logSection.schema.parse({}), ...clusterSection([]).schema.parse({}) }
  const row = (key: string) => rows.find(text => text.startsWith(`| \`${key}\``))
  for (const [key, value] of [
    ['log.level', standard.level],
    ['log.format', standard.format],
    ['cluster.overrun', standard.overrun],
  ]) {
    expect(row(key as string)).toContain(`| \`${value}\` |`)
  }
  expect(observeSection.schema.parse({}).enabled).toBe(false)
  expect(row('observe.enabled')).toContain('| `false` |')
  expect(shutdownSection.schema.parse({}).timeout).toBe(45_000)
  expect(row('shutdown.timeout')).toContain('| `45s` |')
})
