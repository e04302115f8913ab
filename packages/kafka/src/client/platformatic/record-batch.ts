import type { KafkaRecord } from '../port.ts'
import { FEW, lengthOf } from '../text-length.ts'

/** What the records of a batch are part of. */
export interface BatchSettings {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Of the first record, among all that the producer sends to the partition. */
  readonly sequence: number
  readonly isTransactional: boolean
  /** Of records without a timestamp, milliseconds since 1970. */
  readonly now: number
  readonly crc32c: (bytes: Buffer) => number
  /** Bit mask of the algorithm; 0: none. */
  readonly compression: number
}

/** Bytes before the records: KIP-98's record batch, version 2. */
const HEAD = 61
const CRC_AT = 17
/** What the checksum is of begins here, after the checksum. */
const CHECKED = 21
/** Before this the length says nothing. */
const LENGTH_END = 12
const VERSION = 2
const TRANSACTIONAL = 0x10
type Bytes = Buffer | string | null | undefined

/** The records after each other, as a batch has them, with room for its head before them. */
export function encodeRecords(records: readonly KafkaRecord[], now: number): Buffer {
  const first = timestampOf(records[0], now)
  const sizes = new Uint32Array(records.length)
  /** Of the values: what they take as UTF-8 is asked for once. */
  const lengths = new Uint32Array(records.length)
  let all = HEAD
  for (let n = 0; n < records.length; n++) {
    const record = records[n] as KafkaRecord
    const length = lengthOf(record.value)
    const size = sizeOf(record, length, n, first, now)
    lengths[n] = length
    sizes[n] = size
    all += varintSize(size) + size
  }
  const bytes = Buffer.allocUnsafe(all)
  let at = HEAD
  for (let n = 0; n < records.length; n++) {
    const record = records[n] as KafkaRecord
    at = writeVarint(bytes, at, sizes[n] as number)
    at = writeRecord(bytes, at, record, lengths[n] as number, n, timestampOf(record, now) - first)
  }
  return bytes
}

/** Fills in the head of what {@link encodeRecords} gave, its records compressed or not. */
export function finishBatch(bytes: Buffer, records: readonly KafkaRecord[], settings: BatchSettings): Buffer {
  const { producerId, producerEpoch, sequence, isTransactional, now, crc32c, compression } = settings
  const first = timestampOf(records[0], now)
  let newest = first
  for (const record of records) newest = Math.max(newest, timestampOf(record, now))
  bytes.fill(0, 0, HEAD)
  bytes.writeInt32BE(bytes.length - LENGTH_END, 8)
  bytes.writeInt8(VERSION, 16)
  bytes.writeInt16BE(compression | (isTransactional ? TRANSACTIONAL : 0), CHECKED)
  bytes.writeInt32BE(records.length - 1, 23)
  bytes.writeBigInt64BE(BigInt(first), 27)
  bytes.writeBigInt64BE(BigInt(newest), 35)
  bytes.writeBigInt64BE(producerId, 43)
  bytes.writeInt16BE(producerEpoch, 51)
  bytes.writeInt32BE(sequence, 53)
  bytes.writeInt32BE(records.length, 57)
  bytes.writeUInt32BE(crc32c(bytes.subarray(CHECKED)), CRC_AT)
  return bytes
}

/** The records of an unfinished batch, and a batch with others in their place, such as compressed ones. */
export const recordsIn = (bytes: Buffer): Buffer => bytes.subarray(HEAD)
export const batchAround = (records: Buffer): Buffer => Buffer.concat([Buffer.alloc(HEAD), records])

function timestampOf(record: KafkaRecord | undefined, now: number): number {
  return record?.timestamp === undefined ? now : Number(record.timestamp)
}

function sizeOf(record: KafkaRecord, length: number, n: number, first: number, now: number): number {
  const { key, value, headers } = record
  let size = 1 + varintSize(timestampOf(record, now) - first) + varintSize(n) + bytesSize(key)
  size += value === null ? 1 : lengthSize(length)
  size += varintSize(headers?.length ?? 0)
  if (headers !== undefined) {
    for (const [name, value] of headers) size += bytesSize(name) + bytesSize(value)
  }
  return size
}

const lengthSize = (length: number): number => varintSize(length) + length

const bytesSize = (bytes: Bytes): number => (bytes === null || bytes === undefined ? 1 : lengthSize(lengthOf(bytes)))

function writeRecord(to: Buffer, from: number, record: KafkaRecord, length: number, n: number, delta: number): number {
  const { key, value, headers } = record
  let at = from
  to[at++] = 0
  at = writeVarint(to, at, delta)
  at = writeVarint(to, at, n)
  at = writeBytes(to, at, key)
  at = writeBytes(to, at, value, length)
  at = writeVarint(to, at, headers?.length ?? 0)
  if (headers === undefined) return at
  for (const [name, value] of headers) {
    at = writeBytes(to, at, name)
    at = writeBytes(to, at, value)
  }
  return at
}

/** With its length before it; what is absent has the length -1. */
function writeBytes(to: Buffer, from: number, bytes: Bytes, length = lengthOf(bytes)): number {
  if (bytes === null || bytes === undefined) return writeVarint(to, from, -1)
  const at = writeVarint(to, from, length)
  if (typeof bytes === 'string') {
    writeText(to, at, bytes, length)
    return at + length
  }
  if (bytes.length > FEW) to.set(bytes, at)
  else for (let n = 0; n < bytes.length; n++) to[at + n] = bytes[n] as number
  return at + bytes.length
}

/** One of as many bytes as characters is ASCII. */
function writeText(to: Buffer, at: number, text: string, length: number): void {
  if (length !== text.length) to.write(text, at, length)
  else if (length > FEW) to.write(text, at, length, 'latin1')
  else for (let n = 0; n < length; n++) to[at + n] = text.charCodeAt(n)
}

/** Zigzag: signs go to the last bit, so that small numbers are short. Beyond 31 bits numbers are cut into two by division. */
function writeVarint(to: Buffer, from: number, value: number): number {
  let at = from
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  for (; rest >= 0x8000_0000; rest = Math.floor(rest / 128)) to[at++] = (rest % 128) | 128
  for (; rest >= 128; rest >>>= 7) to[at++] = (rest & 127) | 128
  to[at++] = rest
  return at
}

function varintSize(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  let size = 1
  for (; rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}
