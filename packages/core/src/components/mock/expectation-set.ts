import { messageOf } from '../../errors.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import { countOf, type Expectation } from './expectations.ts'
import type { Received } from './received.ts'

/** What is expected when nobody said how many: nothing in particular holds of no messages at all. */
const ONE = countOf(1, true)

/** The expectations of one mock endpoint, and what is known to be wrong. */
export class ExpectationSet {
  readonly #expectations = new Map<string, Expectation>()
  /** The first mistake that each expectation has seen. */
  readonly #mistakes = new Map<string, string>()
  readonly #received: Received
  #unnamed = 0

  constructor(received: Received) {
    this.#received = received
  }

  get empty(): boolean {
    return this.#expectations.size === 0
  }

  /** One of the same name is replaced. Messages that came before are looked at as far as they were kept. */
  set(name: string, expectation: Expectation): void {
    this.#expectations.set(name, expectation)
    this.#mistakes.delete(name)
    for (const [at, exchange] of this.#received.kept.entries()) this.#show(name, expectation, exchange, at)
  }

  add(expectation: Expectation): void {
    this.set(`unnamed ${this.#unnamed++}`, expectation)
  }

  see(exchange: Exchange, at: number): void {
    for (const [name, expectation] of this.#expectations) this.#show(name, expectation, exchange, at)
  }

  clear(): void {
    this.#expectations.clear()
    this.#mistakes.clear()
  }

  /** Whether a message came that makes it impossible to be satisfied. */
  get broken(): boolean {
    return this.#mistakes.size > 0
  }

  /** Whether waiting longer can change nothing: each expectation is met, or broken. */
  get settled(): boolean {
    return this.#all().every(
      ([name, expectation]) => this.#mistakes.has(name) || this.#unmet(expectation) === undefined,
    )
  }

  /** What is wrong right now, a sentence each; empty when satisfied. */
  wrong(): string[] {
    return this.#all().flatMap(([name, expectation]) => this.#unmet(expectation) ?? this.#mistakes.get(name) ?? [])
  }

  #all(): [name: string, expectation: Expectation][] {
    const all = [...this.#expectations]
    const looksAtMessages = all.some(([, { see }]) => see !== undefined)
    return this.#expectations.has('count') || !looksAtMessages ? all : [['count', ONE], ...all]
  }

  #unmet(expectation: Expectation): string | undefined {
    return expectation.unmet?.(this.#received.kept, this.#received.count)
  }

  #show(name: string, expectation: Expectation, exchange: Exchange, at: number): void {
    const mistake = mistakeIn(expectation, exchange, at)
    if (mistake !== undefined && !this.#mistakes.has(name)) this.#mistakes.set(name, mistake)
  }
}

/** What a test's own function throws must not fail the route that is tested. */
function mistakeIn(expectation: Expectation, exchange: Exchange, at: number): string | undefined {
  try {
    return expectation.see?.(exchange, at)
  } catch (error) {
    return `message ${at + 1} could not be checked: ${messageOf(error)}`
  }
}
