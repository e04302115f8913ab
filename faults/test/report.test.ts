import { expect, it } from 'vitest'
import { failed, lastLine, tableHead, tableRow } from '../src/report.ts'
import type { ScenarioResult } from '../src/runner.ts'

const good: ScenarioResult = {
  scenario: 'sigkill',
  about: '',
  runs: 100,
  takeover: { count: 100, p50: 11, p95: 21, max: 30 },
  leaderlessMs: 30,
  terms: 101,
  exchanges: 5_000,
  overlaps: [],
  reused: [],
  invalid: [],
  counts: {},
  broken: [],
  figures: [],
  bounds: {},
  seconds: 60,
}

it('prints a table whose columns line up, with a sentence for each thing that broke', () => {
  const names = ['sigkill', 'a-longer-name']
  const bad = { ...good, scenario: 'a-longer-name', overlaps: ['1', '2', '3', '4', '5', '6', '7'], broken: ['max'] }
  const [first, ...sentences] = tableRow(bad, names).split('\n')
  expect(first).toMatch(/^a-longer-name {2}.* BROKEN$/)
  expect(sentences).toEqual(['    max', ...[1, 2, 3, 4, 5].map(n => `    ${n}`), '    and 2 more of this kind'])
  const head = tableHead(names)
  const row = tableRow(good, names)
  expect(row.indexOf('30.0') + '30.0'.length).toBe(head.indexOf(' max ') + ' max'.length)
  expect(row).toMatch(/ok$/)
})

it('prints what else was measured below the row', () => {
  const figures = ['leader: 30 writes per minute']
  expect(tableRow({ ...good, figures }, ['sigkill'])).toMatch(/ok\n {4}leader: 30 writes per minute$/)
})

it('ends with the line that people grep for', () => {
  expect(lastLine('file', [good, good])).toBe(
    'FAULTS file: 2 scenarios, 200 runs, overlapping terms 0, invalid exchanges 0',
  )
  const bad = { ...good, overlaps: ['x'], invalid: ['y', 'z'], reused: ['r'] }
  expect(lastLine('file', [good, bad])).toBe(
    'FAULTS file: 2 scenarios, 200 runs, overlapping terms 1, reused terms 1, invalid exchanges 2, BROKEN: sigkill',
  )
})

it('gives what a suite counts a column and a place in the last line, and takes any of it for a failure', () => {
  const counters = ['lost', 'duplicated']
  const bad = { ...good, counts: { lost: 0, duplicated: 3 } }
  expect(failed({ ...good, counts: { lost: 0, duplicated: 0 } })).toBe(false)
  expect(failed(bad)).toBe(true)
  const head = tableHead(['sigkill'], counters)
  expect(tableRow(bad, ['sigkill'], counters).indexOf('        3') + 9).toBe(head.length)
  expect(lastLine('feed', [good, bad], counters)).toBe(
    'FAULTS feed: 2 scenarios, 200 runs, lost 0, duplicated 3, overlapping terms 0, BROKEN: sigkill',
  )
  expect(lastLine('feed', [{ ...good, invalid: ['y'] }], counters)).toContain(
    'overlapping terms 0, invalid exchanges 1',
  )
})

it('counts what was skipped, visibly and with its reason, and does not call it a failure', () => {
  const skipped = { ...good, skipped: 'needs root', runs: 0 }
  expect(tableRow(skipped, ['sigkill'])).toContain('needs root')
  expect(failed(skipped)).toBe(false)
  expect(lastLine('file', [good, skipped])).toBe(
    'FAULTS file: 1 scenarios, 100 runs, overlapping terms 0, invalid exchanges 0, skipped 1',
  )
})

it.each(['overlaps', 'reused', 'invalid', 'broken'] as const)('takes any of %s for a failure', kind => {
  expect(failed(good)).toBe(false)
  expect(failed({ ...good, [kind]: ['x'] })).toBe(true)
})
