import { median, ratios, type Spread, spread } from './arithmetic.ts'
import { type Contender, plain, type RouteName } from './contender.ts'
import type { Paces } from './rounds.ts'

/** One route, worked out. Rates are exchanges per second, medians of the rounds. */
export interface RouteResult {
  readonly route: RouteName
  readonly dromedary: number
  readonly camel: number | undefined
  readonly bare: number
  /** Dromedary to Camel, round by round; missing where Camel was not measured. */
  readonly ratio: Spread | undefined
  readonly perRound: readonly number[]
  /** The same ratio by processor time: what a busy machine leaves of the truth. */
  readonly cpuRatio: Spread | undefined
  /** Dromedary to the bare pipeline, round by round: what the framework costs. */
  readonly toBare: Spread
}

export function results(paces: Paces): RouteResult[] {
  return [...paces].map(([route, of]) => {
    const rates = (name: Contender['name']) => (of.get(name) ?? []).map(pace => pace.perSecond)
    const cpuRates = (name: Contender['name']) => (of.get(name) ?? []).map(pace => pace.perCpuSecond)
    const hasCamel = of.has('camel')
    const perRound = ratios(rates('dromedary'), rates('camel'))
    return {
      route,
      dromedary: median(rates('dromedary')),
      camel: hasCamel ? median(rates('camel')) : undefined,
      bare: median(rates('bare')),
      ratio: hasCamel ? spread(perRound) : undefined,
      perRound,
      cpuRatio: hasCamel ? spread(ratios(cpuRates('dromedary'), cpuRates('camel'))) : undefined,
      toBare: spread(ratios(rates('dromedary'), rates('bare'))),
    }
  })
}

/** `R1 dromedary 5,100,000/s camel 480,000/s bare 14,000,000/s ratio 10.6 (9.8–11.2) of bare 0.36` */
export function line(result: RouteResult): string {
  const parts = [`${result.route} dromedary ${rate(result.dromedary)}`]
  if (result.camel !== undefined) parts.push(`camel ${rate(result.camel)}`)
  parts.push(`bare ${rate(result.bare)}`)
  if (result.ratio !== undefined) {
    parts.push(`ratio ${range(result.ratio)}`)
  }
  parts.push(`of bare ${result.toBare.median.toFixed(2)}`)
  return parts.join(' ')
}

/** Under the line: the single rounds, for a median alone hides a noisy machine, and the ratio by processor time. */
export function roundsLine({ perRound, cpuRatio }: RouteResult): string | undefined {
  if (cpuRatio === undefined) return undefined
  return `   per round ${perRound.map(one => one.toFixed(1)).join(' ')}; by processor time ${range(cpuRatio)}`
}

const range = ({ median, min, max }: Spread): string => `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`

/** What a reader must know of a line. */
export const footnote = (route: RouteName): string | undefined =>
  route === plain(route)
    ? undefined
    : `   ${route}: R1 consumed by master: on the file service, held against plain R1 of the others`

/** Three digits are meant, the rest is noise. */
export function rate(perSecond: number): string {
  const rounded = Number(perSecond.toPrecision(3))
  return `${rounded.toLocaleString('en-US', { maximumFractionDigits: 0 })}/s`
}
