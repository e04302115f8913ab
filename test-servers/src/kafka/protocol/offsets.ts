import { Writer } from './bytes.ts'
import { request } from './request.ts'

const LIST_OFFSETS = { key: 2, version: 2 }

/** Stands for the end, where others would give a time. */
const LATEST = -1

/** No broker asks, but a client. */
const CLIENT = -1

/** The place of a partition whose end is wanted. */
export interface EndOf {
  readonly topic: string
  /** Default 0. */
  readonly partition?: number
  /** Default true: the end of what readers of committed data may see, so not past the first open transaction. */
  readonly committed?: boolean
}

/** The offset that follows a partition's last record. Marks of transactions have offsets too. Its leader must be asked. */
export async function endOffset(address: string, { topic, partition = 0, committed = true }: EndOf): Promise<number> {
  const body = new Writer().int32(CLIENT).boolean(committed)
  body.array([topic], name => body.string(name).array([partition], index => body.int32(index).int64(LATEST)))
  const answer = await request(address, LIST_OFFSETS, body.bytes)
  answer.int32() // throttled for so long
  const [found] = answer.array(() => {
    answer.string()
    return answer.array(() => {
      answer.int32()
      const error = answer.int16()
      answer.int64() // a time
      return { error, offset: answer.int64() }
    })
  })
  const { error, offset } = found?.[0] ?? { error: -1, offset: 0 }
  if (error !== 0) throw new Error(`${address} does not tell the end of ${topic}-${partition} (${error})`)
  return offset
}
