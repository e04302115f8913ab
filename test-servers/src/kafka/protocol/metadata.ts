import { Writer } from './bytes.ts'
import { request } from './request.ts'

const METADATA = { key: 3, version: 4 }

/** What a broker says about its cluster. */
export interface Metadata {
  /** `host:port`, as clients are told to connect; without brokers that do not serve yet. */
  readonly brokers: readonly string[]
  readonly topics: readonly TopicMetadata[]
}

/** A topic; `error` is a code of Kafka's, 0 for none. */
export interface TopicMetadata {
  readonly name: string
  readonly error: number
  readonly internal: boolean
  /** −1 stands for none. */
  readonly leaders: readonly number[]
}

/** Asks for some topics, or for all of them; makes none. */
export async function metadata(address: string, topics?: readonly string[], within?: number): Promise<Metadata> {
  const body = new Writer()
  if (topics === undefined) body.int32(-1)
  else body.array(topics, name => body.string(name))
  const answer = await request(address, METADATA, body.boolean(false).bytes, within)
  answer.int32() // throttled for so long
  const brokers = answer.array(() => {
    answer.int32()
    const host = answer.string()
    const port = answer.int32()
    answer.string() // rack
    return `${host}:${port}`
  })
  answer.string() // cluster
  answer.int32() // controller
  const found = answer.array(() => {
    const error = answer.int16()
    const name = answer.string() ?? ''
    const internal = answer.boolean()
    const leaders = answer.array(() => {
      answer.int16()
      answer.int32()
      const leader = answer.int32()
      answer.array(() => answer.int32())
      answer.array(() => answer.int32())
      return leader
    })
    return { name, error, internal, leaders }
  })
  return { brokers, topics: found }
}
