import { randomUUID } from 'node:crypto'
import { type Clock, type IdempotentRepository, systemClock } from '@dromedary/core'
import { DromedaryError, type Exchange } from '@dromedary/core/component'
import { z } from 'zod'
import { type OpenClient, openClient } from '../client/open.ts'
import type { KafkaRecord } from '../client/port.ts'
import { connectionFields } from '../options/connection-options.ts'
import { connectionSettings } from '../options/connection-settings.ts'
import { isTopic } from '../producer/records.ts'
import { Sender, type SenderSettings } from '../producer/sender.ts'
import { Follower } from './follower.ts'
import { KeyCache } from './key-cache.ts'
import { OwnWrites } from './own-writes.ts'

/** How the brokers are reached: the options of `kafka:`. */
type ConnectionInput = z.input<z.ZodObject<ReturnType<typeof connectionFields>>>

export interface KafkaIdempotentRepositoryOptions extends ConnectionInput {
  /** A topic with one partition and `cleanup.policy=compact`, for this repository alone. */
  readonly topic: string
  /** How many keys are kept in memory, least recently used first out: older ones are forgotten. Default 100,000; Camel 1,000. */
  readonly maxCacheSize?: number
  /** How long a start may take, milliseconds. Default 30,000. */
  readonly startTimeoutMs?: number
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** What is written of a key that is done with. */
const DONE = Buffer.from('1')
const WRITING: SenderSettings = {
  acks: 'all',
  idempotent: true,
  compression: 'none',
  lingerMs: 0,
  batchBytes: 262_144,
  ignoreKeys: false,
  maxPendingRecords: 10_000,
  maxPendingBytes: 33_554_432,
  deliveryTimeoutMs: 120_000,
}

const SILENT = { isEnabled: () => false, log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/**
 * Keeps the keys of messages in a compacted topic, so that they outlive the process and all members see them. A key is
 * written when its message is done with: one whose process dies before that is new again. Two members that take one key
 * within the same moment are both told that it is new; where that matters, let one work, with `master:`.
 *
 * Throws `DROMEDARY_INVALID_OPTION`; `start` rejects with `DROMEDARY_CONFIG` for a topic that is missing or has several
 * partitions, and with `DROMEDARY_KAFKA_READ` where it cannot be read in time. Camel: `KafkaIdempotentRepository`.
 */
export function kafkaIdempotentRepository(options: KafkaIdempotentRepositoryOptions): IdempotentRepository {
  return keptIn(options, openClient)
}

/** On a certain client; tests give it another one. */
export function keptIn(options: KafkaIdempotentRepositoryOptions, open: OpenClient): IdempotentRepository {
  const { topic, maxCacheSize = 100_000, startTimeoutMs = 30_000, clock = systemClock, ...given } = options
  const where = `the idempotent repository of ${topic}`
  if (!isTopic(topic)) throw invalid(`${where}: "${topic}" is no name of a topic`)
  if (!Number.isSafeInteger(maxCacheSize) || maxCacheSize < 1) {
    throw invalid(`${where}: maxCacheSize must be a whole number from 1 on, not ${maxCacheSize}`)
  }
  const read = z.safeParse(z.strictObject(connectionFields()), given)
  if (!read.success) {
    const [issue] = read.error.issues
    throw invalid(`${where}: ${issue?.path.join('.')} ${issue?.message}`)
  }
  const nothing = { property: () => undefined, lookup: () => undefined }
  const connection = connectionSettings(read.data, nothing, where)
  const keys = new KeyCache(maxCacheSize)
  const own = new OwnWrites(randomUUID())
  let running:
    | { readonly sender: Sender; readonly following: Promise<void>; readonly stop: AbortController }
    | undefined

  const write = async (written: readonly string[], value: Buffer | null, exchange: Pick<Exchange, 'guard'>) => {
    if (running === undefined) throw new DromedaryError('DROMEDARY_INVALID_STATE', `${where} has not been started`)
    if (written.length === 0) return
    const headers = [own.mark]
    const records = written.map((key): KafkaRecord => ({ topic, partition: 0, key: Buffer.from(key), value, headers }))
    own.begun(written)
    try {
      await running.sender.send(exchange, records, false)
    } catch (error) {
      own.failed(written)
      throw error
    }
  }

  return {
    add: key => keys.take(key),
    contains: key => keys.has(key),
    async confirm(key, exchange) {
      await write([key], DONE, exchange)
      keys.confirmed(key)
    },
    async remove(key, exchange) {
      const wasConfirmed = keys.forget(key)
      if (wasConfirmed) await write([key], null, exchange)
    },
    async clear() {
      await write(keys.clear(), null, { guard: undefined })
    },
    async start() {
      const client = await open(connection, clock)
      const follower = new Follower({ client, topic, keys, own, clock })
      const stop = new AbortController()
      try {
        await follower.catchUp(startTimeoutMs)
      } catch (error) {
        await follower.close()
        throw error
      }
      const context = { clock, logger: () => SILENT }
      const sender = new Sender(context, connection, WRITING, async () => client)
      running = { sender, stop, following: follower.follow(stop.signal) }
    },
    async stop() {
      const before = running
      running = undefined
      before?.stop.abort()
      await Promise.all([before?.following, before?.sender.close()])
      keys.clear()
    },
  }
}

const invalid = (message: string) => new DromedaryError('DROMEDARY_INVALID_OPTION', message)
