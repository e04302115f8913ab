import type { FaultEvent, LeaseEvent, LossEvent, Millis } from '../log/events.ts'

/** One leadership of one member, as its own announcements bound it. */
export interface Term {
  readonly namespace: string
  readonly member: string
  readonly term: bigint
  /** When its first hard end was announced. */
  readonly start: Millis
  /** The latest hard end announced. */
  readonly hardEnd: Millis
  /** When `isValid()` was first seen true; undefined where it never was. */
  readonly validAt?: Millis
  /** When all its participants had let go, by the contract's word; undefined where they had not. */
  readonly ended?: LossEvent
  /** When each of its participants had let go. */
  readonly endedBy: ReadonlyMap<string, LossEvent>
  /** min(latest hard end, let go, killed): nobody else may lead before. */
  readonly end: Millis
}

interface Draft {
  readonly namespace: string
  readonly member: string
  readonly term: bigint
  readonly start: Millis
  hardEnd: Millis
  validAt?: Millis
  ended?: LossEvent | undefined
  /** Participants that lead. */
  readonly open: Set<string>
  readonly endedBy: Map<string, LossEvent>
}

/** What a log says about terms. */
export interface Terms {
  /** By start. */
  readonly terms: readonly Term[]
  /** The same member announced an end for a term that it had ended before, or used one that it never announced. */
  readonly broken: readonly string[]
}

/** Collects the terms from events in the order of their writing. */
export function termsOf(events: readonly FaultEvent[]): Terms {
  const drafts = new Map<string, Draft>()
  const killed = new Map<string, Millis>()
  const broken: string[] = []
  for (const event of events) {
    // Nobody dies twice.
    if (event.kind === 'kill' && !killed.has(event.member)) killed.set(event.member, event.at)
    if (event.kind !== 'lease' && event.kind !== 'valid' && event.kind !== 'ended') continue
    const key = `${event.namespace} ${event.member} ${event.term}`
    const draft = drafts.get(key)
    if (event.kind === 'lease') {
      if (draft?.ended) broken.push(`${event.member} announced an end for term ${event.term} after it had ended`)
      else if (draft) draft.hardEnd = Math.max(draft.hardEnd, event.end)
      else drafts.set(key, draftOf(event))
    } else if (!draft) broken.push(`${event.member} was ${event.kind} in term ${event.term} without announcing its end`)
    else if (event.kind === 'valid') {
      draft.validAt ??= event.at
      draft.open.add(event.participant)
      draft.ended = undefined
    } else {
      draft.open.delete(event.participant)
      draft.endedBy.set(event.participant, event)
      if (draft.open.size === 0) draft.ended = event
    }
  }
  const terms = [...drafts.values()].map(({ open, ended, ...draft }) => {
    const bounds = [draft.hardEnd]
    // Who says that it ended and still answers isValid() with true has not let go.
    if (ended && !ended.valid) bounds.push(ended.at)
    const death = killed.get(draft.member)
    if (death !== undefined) bounds.push(death)
    return { ...draft, ...(ended && { ended }), end: Math.min(...bounds) }
  })
  return { terms: terms.sort((a, b) => a.start - b.start), broken }
}

const draftOf = ({ namespace, member, term, at, end }: LeaseEvent): Draft => ({
  namespace,
  member,
  term: BigInt(term),
  start: at,
  hardEnd: end,
  open: new Set(),
  endedBy: new Map(),
})
