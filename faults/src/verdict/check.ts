import type { ExchangeEvent, FaultEvent, Millis } from '../log/events.ts'
import { type Term, termsOf } from './terms.ts'

/** What the log of one stage proves, a sentence for each rule that was broken. */
export interface Verdict {
  readonly terms: readonly Term[]
  /** Two terms of a namespace in force at the same instant. */
  readonly overlaps: readonly string[]
  /** Terms that were used twice, did not grow, or came back. */
  readonly reused: readonly string[]
  /** Exchanges outside the term that they carry, or sent without asking. */
  readonly invalid: readonly string[]
  readonly exchanges: number
  /** Longest time between the end of a term and `isValid()` in the next one of the namespace. */
  readonly leaderlessMs: number
}

const ms = (value: Millis): string => value.toFixed(3)
const name = (term: Term): string => `${term.namespace} term ${term.term} of ${term.member}`

/** Judges the log of one stage. Events in the order of their writing; exchanges may come in a list of their own. */
export function check(events: readonly FaultEvent[], exchanges: readonly FaultEvent[] = []): Verdict {
  const { terms, broken } = termsOf(events)
  const finish = events.find(event => event.kind === 'finish')?.at ?? Number.POSITIVE_INFINITY
  const overlaps: string[] = []
  const reused = [...broken]
  let leaderlessMs = 0
  for (const group of Map.groupBy(terms, term => term.namespace).values()) {
    let latest: Term | undefined
    let highest: Term | undefined
    for (const term of group) {
      if (latest && term.start < latest.end) {
        const over = Math.min(term.end, latest.end) - term.start
        overlaps.push(
          `${name(term)} began at ${ms(term.start)}, ${ms(over)} ms before the end at ${ms(latest.end)} of ${name(latest)}`,
        )
      } else if (latest && term.validAt !== undefined && term.validAt <= finish) {
        leaderlessMs = Math.max(leaderlessMs, term.validAt - latest.end)
      }
      if (highest && term.term === highest.term) reused.push(`${name(term)} has the term of ${name(highest)}`)
      else if (highest && term.term < highest.term) reused.push(`${name(term)} came after ${name(highest)}`)
      if (!latest || term.end > latest.end) latest = term
      if (!highest || term.term > highest.term) highest = term
    }
  }
  for (const term of terms) {
    const untrue = [...term.endedBy.values()].some(ended => ended.valid)
    if (untrue) overlaps.push(`${name(term)} aborted "ended" and still answered isValid() with true`)
  }
  const sent = [...events, ...exchanges].filter(event => event.kind === 'exchange')
  return { terms, overlaps, reused, invalid: checkExchanges(sent, terms), exchanges: sent.length, leaderlessMs }
}

function checkExchanges(sent: readonly ExchangeEvent[], terms: readonly Term[]): string[] {
  const key = (namespace: string, member: string, term: bigint | string) => `${namespace} ${member} ${term}`
  const byKey = new Map(terms.map(term => [key(term.namespace, term.member, term.term), term]))
  const groups = Map.groupBy(terms, term => term.namespace)
  /** When the first higher term of the namespace began: no exchange of this one may come later. */
  const superseded = new Map<Term, Millis>()
  for (const term of terms) {
    const later = (groups.get(term.namespace) ?? []).filter(other => other.term > term.term)
    superseded.set(term, Math.min(...later.map(other => other.start)))
  }
  const invalid: string[] = []
  for (const exchange of sent) {
    const term = byKey.get(key(exchange.namespace, exchange.member, exchange.term))
    const what = `an exchange of ${exchange.member} (${exchange.participant}) at ${ms(exchange.at)}`
    if (!term) invalid.push(`${what} carries term ${exchange.term}, which was never announced`)
    else if (!exchange.asked) invalid.push(`${what} was sent without a yes of isValid() for it`)
    else if (exchange.at < term.start) invalid.push(`${what} came before ${name(term)} began at ${ms(term.start)}`)
    else {
      // A killed process may run on for microseconds, hence not term.end: its hard end and its successor bound it.
      const ended = term.endedBy.get(exchange.participant)
      const letGo = ended && !ended.valid ? ended.at : Number.POSITIVE_INFINITY
      const last = Math.min(term.hardEnd, letGo, superseded.get(term) ?? Number.POSITIVE_INFINITY)
      if (exchange.at > last) invalid.push(`${what} came ${ms(exchange.at - last)} ms after the end of ${name(term)}`)
    }
  }
  return invalid
}
