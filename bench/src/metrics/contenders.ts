import { join } from 'node:path'
import { freePort } from '../feed/ports.ts'
import { type Program, startProgram } from '../feed/program.ts'
import type { Window } from '../window.ts'

/** The routes that are measured: two route calls of little work, and one of ten steps. */
export const METERED_ROUTES = ['R1', 'R7'] as const
export type MeteredRoute = (typeof METERED_ROUTES)[number]

/** `absent`: an application without observability. `off`: with it, not turned on. `on`: turned on, and scraped. */
export const MODES = ['absent', 'off', 'on'] as const
export type Mode = (typeof MODES)[number]

/** How often what is on is scraped, milliseconds: three times as often as Prometheus does by default. */
const SCRAPE_MS = 5_000

/** One of them, in a process of its own: what is on costs all of its process. */
export class MeteredProgram implements AsyncDisposable {
  readonly mode: Mode
  readonly #program: Program
  readonly #port: number
  readonly #scraping: NodeJS.Timeout | undefined
  /** Scrapes that got their answer. */
  scrapes = 0

  constructor(mode: Mode, program: Program, port: number) {
    this.mode = mode
    this.#program = program
    this.#port = port
    if (mode === 'on') this.#scraping = setInterval(() => void this.scrape(), SCRAPE_MS)
  }

  static async start(mode: Mode): Promise<MeteredProgram> {
    const port = await freePort()
    const program = await startProgram({
      name: `metrics ${mode}`,
      file: process.execPath,
      args: [join(import.meta.dirname, 'program.ts'), mode, String(port)],
    })
    return new MeteredProgram(mode, program, port)
  }

  /** Sends at least so many exchanges: of time, a busy machine would give one more than the other. */
  async window(route: MeteredRoute, exchanges: number): Promise<Window> {
    const answer = await this.#program.ask(`${route} ${exchanges}`, 'done')
    const [count = Number.NaN, nanoseconds = Number.NaN, cpuNanoseconds = Number.NaN] = answer.split(' ').map(Number)
    return { count, nanoseconds, cpuNanoseconds }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#scraping)
    await this.#program[Symbol.asyncDispose]()
  }

  /** Asks once, as Prometheus would. */
  async scrape(): Promise<void> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}/observe/metrics`)
      if (response.ok && (await response.text()).includes('camel_route_policy_seconds_count')) this.scrapes++
    } catch {
      // It is about to end, or busy beyond the time-out: whoever needs scrapes counts them.
    }
  }
}
