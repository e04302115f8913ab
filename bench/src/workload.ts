import type { RouteName } from './contender.ts'

/** What goes into the routes and what must come out; `bench/camel` has the same. */
export const KINDS = ['a', 'b', 'c', 'd'] as const
export const PICKED = ['A', 'B', 'C', 'other'] as const
export const TEXT = 'a text with x in it'
export const WHO = 'Camel in the long desert caravan'

/** What the routes leave behind, so that a window can prove that its work was done. */
export class Counters {
  seen = 0

  /** Reads the text, as a consumer would: JavaScript joins strings lazily, and a text that nobody reads costs it nothing. */
  look(text: unknown): void {
    if (typeof text === 'string' && text.charCodeAt(text.length - 1) === LETTER_N) this.seen++
  }

  /** Throws unless the window did what it says; starts anew. */
  prove(who: string, route: RouteName, exchanges: number): void {
    const expected = exchanges * (route === 'R7' ? 10 : 1)
    const seen = this.seen
    this.seen = 0
    if (seen !== expected)
      throw new Error(`${who} ${route} counted ${seen} instead of ${expected}: its figure is wrong`)
  }
}

const LETTER_N = 'n'.charCodeAt(0)
