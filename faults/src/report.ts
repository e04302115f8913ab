import type { ScenarioResult } from './runner.ts'

const COLUMNS = [
  'scenario',
  'runs',
  'takeover p50',
  'p95',
  'max',
  'no leader',
  'terms',
  'overlapping',
  'reused',
  'exchanges',
  'invalid',
] as const

/** How many sentences of one kind are printed for one scenario. */
const SENTENCES = 5

const ms = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(1))

/** Counters of the suite come last, before the word that says whether all is well. */
const cells = (result: ScenarioResult, counters: readonly string[]): string[] => [
  result.scenario,
  String(result.runs),
  ms(result.takeover.p50),
  ms(result.takeover.p95),
  ms(result.takeover.max),
  result.leaderlessMs === 0 ? '-' : ms(result.leaderlessMs),
  String(result.terms),
  String(result.overlaps.length),
  String(result.reused.length),
  String(result.exchanges),
  String(result.invalid.length),
  ...counters.map(counter => String(result.counts[counter] ?? 0)),
  result.skipped ? 'skipped' : failed(result) ? 'BROKEN' : 'ok',
]

const columns = (counters: readonly string[]): string[] => [...COLUMNS, ...counters, '']

const widths = (names: readonly string[], counters: readonly string[]): number[] =>
  columns(counters).map((column, index) =>
    Math.max(column.length, ...(index === 0 ? names.map(name => name.length) : [9])),
  )

const row = (texts: readonly string[], width: readonly number[]): string =>
  texts.map((text, index) => (index === 0 ? text.padEnd(width[0] ?? 0) : text.padStart(width[index] ?? 0))).join('  ')

/** Whether something that must hold did not. */
export const failed = (result: ScenarioResult): boolean =>
  [result.overlaps, result.reused, result.invalid, result.broken].some(list => list.length > 0) ||
  Object.values(result.counts).some(count => count > 0)

/** The head of the table; times are milliseconds. `names`: of all scenarios that will follow. */
export const tableHead = (names: readonly string[], counters: readonly string[] = []): string =>
  row(columns(counters), widths(names, counters)).trimEnd()

/** One row, and below it a sentence for each thing that was broken. */
export function tableRow(result: ScenarioResult, names: readonly string[], counters: readonly string[] = []): string {
  const lines = [row(cells(result, counters), widths(names, counters))]
  const tell = (list: readonly string[]) => {
    for (const text of list.slice(0, SENTENCES)) lines.push(`    ${text}`)
    if (list.length > SENTENCES) lines.push(`    and ${list.length - SENTENCES} more of this kind`)
  }
  if (result.skipped) lines.push(`    ${result.skipped}`)
  for (const figure of result.figures) lines.push(`    ${figure}`)
  for (const list of [result.broken, result.overlaps, result.reused, result.invalid]) tell(list)
  return lines.join('\n')
}

const total = (results: readonly ScenarioResult[], of: (result: ScenarioResult) => number): number =>
  results.reduce((sum, result) => sum + of(result), 0)

/**
 * The last line: `FAULTS file: 9 scenarios, 231 runs, overlapping terms 0, invalid exchanges 0`. A suite that counts things
 * of its own names those instead of the exchanges, unless there are invalid ones.
 */
export function lastLine(suite: string, results: readonly ScenarioResult[], counters: readonly string[] = []): string {
  const played = results.filter(result => !result.skipped)
  const skipped = results.length - played.length
  const broken = results.filter(failed)
  const invalid = total(played, result => result.invalid.length)
  return [
    `FAULTS ${suite}: ${played.length} scenarios`,
    `${total(played, result => result.runs)} runs`,
    ...counters.map(counter => `${counter} ${total(played, result => result.counts[counter] ?? 0)}`),
    `overlapping terms ${total(played, result => result.overlaps.length)}`,
    ...extra(
      'reused terms',
      total(played, result => result.reused.length),
    ),
    ...(counters.length === 0 ? [`invalid exchanges ${invalid}`] : extra('invalid exchanges', invalid)),
    ...extra('skipped', skipped),
    ...(broken.length > 0 ? [`BROKEN: ${broken.map(result => result.scenario).join(' ')}`] : []),
  ].join(', ')
}

const extra = (name: string, count: number): string[] => (count > 0 ? [`${name} ${count}`] : [])
