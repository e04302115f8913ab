import { median, ratios, type Spread, spread } from './arithmetic.ts'
import { type Contender, plain, type RouteName } from './contender.ts'
import type { Rates } from './rounds.ts'

/** One route, worked out. Rates are exchanges per second, medians of the rounds. */
export interface RouteResult {
  readonly route: RouteName
  readonly dromedary: number
  readonly camel: number | undefined
  readonly bare: number
  /** Dromedary to Camel, round by round; missing where Camel was not measured. */
  readonly ratio: Spread | undefined
  readonly perRound: readonly number[]
  /** Dromedary to the bare pipeline, round by round: what the framework costs. */
  readonly toBare: Spread
}

export function results(rates: Rates): RouteResult[] {
  return [...rates].map(([route, of]) => {
    const rate = (name: Contender['name']) => of.get(name) ?? []
    const camel = rate('camel')
    const perRound = ratios(rate('dromedary'), camel)
    return {
      route,
      dromedary: median(rate('dromedary')),
      camel: camel.length > 0 ? median(camel) : undefined,
      bare: median(rate('bare')),
      ratio: camel.length > 0 ? spread(perRound) : undefined,
      perRound,
      toBare: spread(ratios(rate('dromedary'), rate('bare'))),
    }
  })
}

/** `R1 dromedary 5,100,000/s camel 480,000/s bare 14,000,000/s ratio 10.6 (9.8–11.2) of bare 0.36` */
export function line(result: RouteResult): string {
  const parts = [`${result.route} dromedary ${rate(result.dromedary)}`]
  if (result.camel !== undefined) parts.push(`camel ${rate(result.camel)}`)
  parts.push(`bare ${rate(result.bare)}`)
  if (result.ratio !== undefined) {
    const { median, min, max } = result.ratio
    parts.push(`ratio ${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`)
  }
  parts.push(`of bare ${result.toBare.median.toFixed(2)}`)
  return parts.join(' ')
}

/** The ratios of the single rounds, under the line: a median alone hides a noisy machine. */
export const roundsLine = (result: RouteResult): string =>
  `   per round ${result.perRound.map(one => one.toFixed(1)).join(' ')}`

/** What a reader must know of a line. */
export const footnote = (route: RouteName): string | undefined =>
  route === plain(route)
    ? undefined
    : `${route}: R1 consumed by master: on the file service, held against plain R1 of the others`

/** Three digits are meant, the rest is noise. */
export function rate(perSecond: number): string {
  const rounded = Number(perSecond.toPrecision(3))
  return `${rounded.toLocaleString('en-US', { maximumFractionDigits: 0 })}/s`
}
