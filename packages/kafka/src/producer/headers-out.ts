import { type Exchange, type Message, NAMES } from '@dromedary/core/component'
import type { KafkaHeader } from '../client/port.ts'

/** What begins like this is between the engine and its components, and stays there. */
const CONTROL = /^(?:camel|org\.apache\.camel|dromedary)/i

/** Names recur, and so do short values such as content types: their bytes are kept, as long as there are few of them. */
const MAX_NAMES = 1_000
const SHORT = 40
const MAX_VALUES = 200
const values = new Map<string, Buffer>()
const names = new Map<string, Buffer>()
/** In their place for control headers. */
const NONE = Buffer.alloc(0)

/** Of the last exchange that had one: it changes seldom. */
let lastTerm: unknown
let lastTermBytes = NONE

/**
 * Of the last exchange whose values are all of those that are kept here: many in a row have the same, and share the list.
 * Of bytes that came from elsewhere nothing is known: they may be changed, or be a little of a large piece of memory.
 */
let last: readonly KafkaHeader[] = []
/** How many headers of this exchange are those of {@link last}, and all of them once one is another. */
let same = 0
let own: KafkaHeader[] | undefined
let isKept = true

/**
 * The headers of a record: texts as UTF-8, bytes as they are, numbers, truth values and dates as text. Others are left
 * out, as in Camel, and so are control headers. The term of a leader goes along, so that a reader can tell terms apart.
 */
export function headersOut(exchange: Exchange, message: Message): readonly KafkaHeader[] | undefined {
  const term = exchange.getProperty(NAMES.clusterTerm)
  if (term === undefined && !message.hasHeaders()) return undefined
  same = 0
  own = undefined
  isKept = true
  if (message.hasHeaders()) message.headers.forEach(addHeader)
  if (term !== undefined) add(TERM, termBytes(term))
  if (own === undefined && same < last.length) own = last.slice(0, same)
  if (own === undefined) return last.length === 0 ? undefined : last
  if (isKept) last = own
  return own.length === 0 ? undefined : own
}

function addHeader(value: unknown, name: string): void {
  const written = nameBytes(name)
  if (written === NONE) return
  if (typeof value === 'string' && value.length <= SHORT) {
    add(written, shortBytes(value))
    return
  }
  const bytes = bytesOf(value)
  if (bytes === undefined) return
  isKept = false
  add(written, bytes)
}

function add(name: Buffer, bytes: Buffer): void {
  const before = own === undefined ? last[same] : undefined
  if (before !== undefined && before[0] === name && before[1] === bytes) same++
  else {
    own ??= last.slice(0, same)
    // No literal, for decision 16.
    own.push(Array.of(name, bytes) as [Buffer, Buffer])
  }
}

const TERM = Buffer.from(NAMES.clusterTerm)

function termBytes(term: unknown): Buffer {
  if (term !== lastTerm) {
    lastTerm = term
    lastTermBytes = Buffer.from(String(term))
  }
  return lastTermBytes
}

function shortBytes(value: string): Buffer {
  const known = values.get(value)
  if (known !== undefined) return known
  const bytes = Buffer.from(value)
  if (values.size < MAX_VALUES) values.set(value, bytes)
  return bytes
}

/** {@link NONE} for a control header. */
function nameBytes(name: string): Buffer {
  const known = names.get(name)
  if (known !== undefined) return known
  const bytes = CONTROL.test(name) ? NONE : Buffer.from(name)
  if (names.size < MAX_NAMES) names.set(name, bytes)
  return bytes
}

const { getTime: timeOf, toISOString: textOf } = Date.prototype

/** Bytes as they are, plain values as text; undefined for anything else. */
export function bytesOf(value: unknown): Buffer | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return Buffer.from(String(value))
    case 'object':
      if (Buffer.isBuffer(value)) return value
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      if (value instanceof ArrayBuffer) return Buffer.from(value)
      // Not by a method of its own: nobody else's code may run while the headers of an exchange are put together.
      if (value instanceof Date && !Number.isNaN(Number(timeOf.call(value)))) return Buffer.from(textOf.call(value))
      return undefined
    default:
      return undefined
  }
}
