import type { Exchange, Processor } from '../exchange/exchange.ts'
import { pauseBefore, runOnStack } from './stack.ts'

interface Waiting {
  readonly exchange: Exchange
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * The way into a pipeline, in order. An exchange may have to wait there for timers to have their turn, or for a fresh
 * stack; those that come meanwhile wait behind it, since a consumer may hand in many without awaiting each.
 */
export class EntryLine {
  readonly #run: Processor
  readonly #weight: number
  /** There while somebody waits. */
  #line: Waiting[] | undefined

  constructor(run: Processor, weight: number) {
    this.#run = run
    this.#weight = weight
  }

  /** What the pipeline returned, or a promise for it. Throws what it threw. */
  enter(exchange: Exchange): unknown {
    if (this.#line === undefined) {
      const pause = pauseBefore(this.#weight)
      if (pause === undefined) return runOnStack(this.#run, exchange, this.#weight)
      this.#line = []
      void this.#admit(this.#line, pause)
    }
    const line = this.#line
    return new Promise((resolve, reject) => line.push({ exchange, resolve, reject }))
  }

  async #admit(line: Waiting[], before: Promise<void>): Promise<void> {
    await before
    for (let at = 0; at < line.length; at++) {
      for (let pause = pauseBefore(this.#weight); pause !== undefined; pause = pauseBefore(this.#weight)) await pause
      const { exchange, resolve, reject } = line[at] as Waiting
      // Whoever enters while the last one runs is called by it, or comes after it.
      if (at === line.length - 1) this.#line = undefined
      try {
        resolve(runOnStack(this.#run, exchange, this.#weight))
      } catch (error) {
        reject(error)
      }
    }
  }
}
