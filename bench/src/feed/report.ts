import { ratios, type Spread, spread } from '../arithmetic.ts'
import { rate } from '../report.ts'
import { number, table } from '../table.ts'
import type { PartResult, Target } from './parts.ts'
import type { Results, Round } from './turns.ts'

export const perSecond = ({ messages, nanoseconds }: Round): number => (messages / nanoseconds) * 1e9

/** Of the rates of two contenders, round by round. */
export const ratiosOf = (of: Results, to: Results): number[] =>
  ratios(of.rounds.map(perSecond), to.rounds.map(perSecond))

/** A part for people: a line for each contender, then the ratio of each of ours to each other, then the targets. */
export function partLines({ title, results, targets, lines = [] }: PartResult): string[] {
  const [ours, others] = [true, false].map(wanted => results.filter(one => isOurs(one) === wanted)) as [
    Results[],
    Results[],
  ]
  const hasFirst = results.some(({ rounds }) => rounds.some(({ firstMs }) => firstMs !== undefined))
  const head = ['', 'per s', 'from', 'to', 'CPU µs each', 'peak MB', ...(hasFirst ? ['first ms'] : [])]
  const rows = results.map(one => {
    const { median, min, max } = spread(one.rounds.map(perSecond))
    const firsts = spread(one.rounds.map(({ firstMs }) => firstMs ?? Number.NaN))
    const cpu = spread(one.rounds.map(({ cpuSeconds, messages }) => (cpuSeconds / messages) * 1e6))
    const cells = [rate(median), rate(min), rate(max), known(cpu.median), known(one.peakMb)]
    return [one.name, ...cells, ...(hasFirst ? [known(firsts.median)] : [])]
  })
  return [
    title,
    ...(rows.length > 0 ? table([head, ...rows]) : []).map(line => `   ${line}`),
    ...lines.map(line => `   ${line}`),
    ...results.map(({ name, about }) => `   ${name}: ${about}`),
    ...ours.flatMap(one => others.map(other => `   ${one.name} to ${other.name}: ${ratioText(one, other)}`)),
    ...targets.map(target => `   ${targetLine(target)}`),
  ]
}

/** `2.31 (2.10–2.40), per round 2.10 2.31 2.40; by processor time 2.20 (2.10–2.30)` */
function ratioText(of: Results, to: Results): string {
  const perRound = ratiosOf(of, to)
  const byCpu = ratios(of.rounds.map(perCpuSecond), to.rounds.map(perCpuSecond))
  const rounds = perRound.map(one => one.toFixed(2)).join(' ')
  const cpu = byCpu.some(Number.isNaN) ? '' : `; by processor time ${range(spread(byCpu))}`
  return `${range(spread(perRound))}, per round ${rounds}${cpu}`
}

const isOurs = ({ name }: Results): boolean => name.startsWith('dromedary')

/** Of both all threads: what a busy machine leaves of the truth. */
const perCpuSecond = ({ messages, cpuSeconds }: Round): number => messages / cpuSeconds

const range = ({ median, min, max }: Spread): string => `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`

/** `reached: dromedary to camel 2.3, at least 2` */
export function targetLine({ what, value, atLeast, atMost }: Target): string {
  const reached = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost)
  const wanted = atLeast === undefined ? `at most ${number(atMost ?? Number.NaN)}` : `at least ${number(atLeast)}`
  return `${reached ? 'reached' : 'MISSED'}: ${what} ${number(value)}, ${wanted}`
}

export function partFigures(part: string, { results, targets }: PartResult): Record<string, number> {
  const rates = results.map(one => [`${part} ${one.name} per s`, spread(one.rounds.map(perSecond)).median] as const)
  const memory = results.map(one => [`${part} ${one.name} peak MB`, one.peakMb] as const)
  const aims = targets.map(({ what, value }) => [`${part} ${what}`, value] as const)
  return Object.fromEntries([...rates, ...memory, ...aims].filter(([, value]) => !Number.isNaN(value)))
}

const known = (value: number): string => (Number.isNaN(value) ? '–' : number(value))
