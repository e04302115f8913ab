import { setTimeout as wait } from 'node:timers/promises'
import { Writer } from './bytes.ts'
import { metadata } from './metadata.ts'
import { request } from './request.ts'

const CREATE_TOPICS = { key: 19, version: 2 }
const DELETE_TOPICS = { key: 20, version: 1 }

/** How long the cluster may take, milliseconds. */
const WITHIN = 30_000

/** A topic to make. */
export interface NewTopic {
  readonly name: string
  /** Default 1. */
  readonly partitions?: number
  /** Such as `cleanup.policy`. Default: the broker's. */
  readonly config?: Readonly<Record<string, string | number | boolean>>
}

/** Makes a topic with one replica; resolves when each of its partitions has a leader. Rejects if there is such a topic. */
export async function createTopic(address: string, { name, partitions = 1, config = {} }: NewTopic): Promise<void> {
  const body = new Writer()
  body.array([name], () => {
    body.string(name).int32(partitions).int16(1)
    body.array([], () => {}) // assignments
    body.array(Object.entries(config), ([key, value]) => body.string(key).string(String(value)))
  })
  const answer = await request(address, CREATE_TOPICS, body.int32(WITHIN).boolean(false).bytes, WITHIN)
  answer.int32()
  const [refusal] = answer.array(() => ({ name: answer.string(), code: answer.int16(), why: answer.string() }))
  if (refusal?.code !== 0) throw new Error(`topic ${name}: ${refusal?.why ?? 'refused'} (${refusal?.code})`)
  await hasLeaders(address, name)
}

async function hasLeaders(address: string, name: string): Promise<void> {
  for (const end = performance.now() + WITHIN; performance.now() < end; await wait(10)) {
    const [topic] = (await metadata(address, [name])).topics
    if (topic?.error === 0 && topic.leaders.every(leader => leader >= 0)) return
  }
  throw new Error(`topic ${name} has no leader after ${WITHIN} ms`)
}

/** Deletes topics; resolves when that is decided, which is before they are gone. */
export async function deleteTopics(address: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const body = new Writer()
  body.array(names, name => body.string(name)).int32(WITHIN)
  await request(address, DELETE_TOPICS, body.bytes, WITHIN)
}
