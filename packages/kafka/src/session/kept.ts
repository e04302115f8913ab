import { DromedaryError, messageOf } from '@dromedary/core/component'

/**
 * What a session keeps in the topic of positions, under its transactional id: whose term wrote last, which of its
 * transactions that was, and how far the route had got. Written in the transaction that carries the data.
 */
export interface Kept {
  readonly term: bigint
  /** The session that wrote it. Outside a cluster nothing else tells two processes of one transactional id apart. */
  readonly writer: string
  /** Counts the transactions of a session; 0 is the claim, which carries no data. */
  readonly batch: number
  readonly position: unknown
  /** Which transaction confirmed the position: a claim only repeats it, and may repeat an old one. */
  readonly origin: Origin
}

export interface Origin {
  readonly term: bigint
  /** Counts those of the term. */
  readonly batch: number
}

export const NOTHING_KEPT: Kept = {
  term: 0n,
  writer: '',
  batch: 0,
  position: undefined,
  origin: { term: -1n, batch: 0 },
}

/** Whose position is the newer one. */
export function newerPosition(one: Kept, other: Kept): Kept {
  const [known, found] = [one.origin, other.origin]
  return found.term > known.term || (found.term === known.term && found.batch > known.batch) ? other : one
}

/** Of the next transaction: grows also from session to session of one term. */
export const nextOrigin = ({ origin }: Kept, term: bigint): Origin => ({
  term,
  batch: origin.term === term ? origin.batch + 1 : 1,
})

/** Terms are text: JSON has no numbers of that size. */
export function encodeKept({ term, writer, batch, position, origin }: Kept): Buffer {
  const from = { term: String(origin.term), batch: origin.batch }
  return Buffer.from(
    JSON.stringify({ v: 1, term: String(term), writer, batch, position: encode(position), origin: from }),
  )
}

/** Throws `DROMEDARY_KAFKA_POSITION` for what no session wrote: going on would be going on from nowhere. */
export function decodeKept(value: Buffer, key: string, topic: string): Kept {
  try {
    const { v, term, writer, batch, position, origin } = JSON.parse(value.toString('utf8'))
    if (v !== 1 || typeof writer !== 'string') throw new Error('no such version')
    return { ...numbers({ term, batch }), writer, position: decode(position), origin: numbers(origin) }
  } catch (cause) {
    throw new DromedaryError(
      'DROMEDARY_KAFKA_POSITION',
      `the record of ${key} in the topic ${topic} is none of Dromedary's: give positions a topic of their own, or write a record without a value over it`,
      { cause },
    )
  }
}

function numbers({ term, batch }: { readonly term: unknown; readonly batch: unknown }): Origin {
  if (typeof term !== 'string' || !Number.isSafeInteger(batch)) throw new Error('no term, or no batch')
  return { term: BigInt(term), batch: batch as number }
}

/** Sequence numbers are often bigint. */
const encode = (position: unknown) =>
  typeof position === 'bigint' ? { bigint: String(position) } : { value: position }

function decode(position: { readonly bigint?: string; readonly value?: unknown }): unknown {
  return position.bigint === undefined ? position.value : BigInt(position.bigint)
}

/** A position as it is now, whatever steps do to the object afterwards. Throws `DROMEDARY_KAFKA_POSITION` for what cannot be kept. */
export function snapshot(position: unknown): unknown {
  if (typeof position === 'string' || typeof position === 'bigint' || typeof position === 'boolean') return position
  if (typeof position === 'number' && Number.isFinite(position)) return position
  let why = `it is ${typeof position === 'number' ? position : `a ${typeof position}`}`
  if (typeof position === 'object') {
    try {
      return JSON.parse(JSON.stringify(position))
    } catch (error) {
      why = messageOf(error)
    }
  }
  throw new DromedaryError(
    'DROMEDARY_KAFKA_POSITION',
    `the position of an exchange cannot be kept: ${why}. Give resumable a text, a number, a bigint, or an object that JSON can hold`,
  )
}

/** Of a topic of positions: the same for one id, whichever version computes it (FNV-1a). */
export function partitionOf(transactionalId: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(transactionalId)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash % partitions
}
