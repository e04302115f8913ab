import { median, ratios, type Spread, spread } from '../arithmetic.ts'
import type { Measurement } from '../measurement.ts'
import { rate } from '../report.ts'
import { type Pace, paceOf } from '../window.ts'
import { METERED_ROUTES, MeteredProgram, type MeteredRoute, MODES, type Mode } from './contenders.ts'

/**
 * About a twentieth of a second of work each; the first rounds let the compiler settle. What it then settles on differs by a
 * few per cent from process to process, so there are several sets of processes.
 */
const FULL = { sets: 6, rounds: 10, exchanges: 400_000, warmUp: 8 }
const QUICK = { sets: 1, rounds: 3, exchanges: 20_000, warmUp: 1 }

type Paces = ReadonlyMap<MeteredRoute, ReadonlyMap<Mode, Pace[]>>

/** What metrics cost R1 and R7: the same application without them, with them turned off, and turned on and scraped. */
export async function metrics(quick: boolean): Promise<Measurement> {
  const plan = quick ? QUICK : FULL
  const paces: Paces = new Map(METERED_ROUTES.map(route => [route, new Map(MODES.map(mode => [mode, [] as Pace[]]))]))
  let scrapes = 0
  for (let set = 0; set < plan.sets; set++) scrapes += await oneSet(plan, paces)
  if (!quick && scrapes === 0) throw new Error('no scrape of the metrics was answered: the figures would mean nothing')
  return measurement(paces, scrapes)
}

/** Fresh processes take turns; how often they were scraped. */
async function oneSet({ rounds, exchanges, warmUp }: typeof FULL, paces: Paces): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const programs: MeteredProgram[] = []
  for (const mode of MODES) programs.push(stack.use(await MeteredProgram.start(mode)))
  for (let round = -warmUp; round < rounds; round++) {
    for (const route of METERED_ROUTES) {
      for (let turn = 0; turn < programs.length; turn++) {
        const one = programs[(round + warmUp + turn) % programs.length] as MeteredProgram
        const window = await one.window(route, exchanges)
        if (round >= 0) paces.get(route)?.get(one.mode)?.push(paceOf(window))
      }
    }
  }
  return programs.reduce((sum, { scrapes }) => sum + scrapes, 0)
}

function measurement(paces: Paces, scrapes: number): Measurement {
  const lines: string[] = []
  const figures: Record<string, number> = { scrapes }
  for (const route of METERED_ROUTES) {
    const of = (mode: Mode, by: keyof Pace) => (paces.get(route)?.get(mode) ?? []).map(pace => pace[by])
    const toAbsent = (mode: Mode, by: keyof Pace) => spread(ratios(of(mode, by), of('absent', by)))
    const told = (by: keyof Pace) => `off ${range(toAbsent('off', by))} on ${range(toAbsent('on', by))}`
    lines.push(
      `metrics ${route} without ${rate(median(of('absent', 'perSecond')))}; of that ${told('perSecond')}; by processor time ${told('perCpuSecond')}`,
    )
    for (const mode of ['off', 'on'] as const) {
      figures[`${route}${mode}`] = toAbsent(mode, 'perSecond').median
      figures[`${route}${mode}ByCpu`] = toAbsent(mode, 'perCpuSecond').median
    }
  }
  return { name: 'metrics', line: `${lines.join('\n')}\n   scraped ${scrapes} times while it ran`, figures }
}

const range = ({ median: middle, min, max }: Spread): string =>
  `${middle.toFixed(3)} (${min.toFixed(2)}–${max.toFixed(2)})`
