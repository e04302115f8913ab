import * as library from '@platformatic/kafka'
import { Producer } from '@platformatic/kafka'
import { describe, expect, it, onTestFinished } from 'vitest'
import { asMessage, withOwnRequests } from '../src/client/platformatic/own-requests.ts'
import { someWritten } from '../src/client/platformatic/send-outcome.ts'
import { toLeaders } from '../src/client/platformatic/to-leaders.ts'

type Callback = (error: Error | null, result?: unknown) => void
const NOT_LEADER = 6
const TOO_LARGE = 10

/** Brokers 1 and 2 of one topic `t`; what they tell of its leaders may be behind. Their place is taken below the client's own logic. */
class TwoBrokers {
  /** Of each partition. */
  leaders = [1, 1]
  /** What the next questions are answered with, before the truth. */
  readonly rumours: number[][] = []
  /** First numbers of the batches that were taken, by partition. */
  readonly taken: number[][] = [[], []]
  /** A partition of which nothing is taken. */
  refused: number | undefined
  /** What each request had, as `broker: partitions`. */
  readonly requests: string[] = []

  metadata(): unknown {
    const leaders = this.rumours.shift() ?? this.leaders
    return {
      clusterId: 'c',
      controllerId: 1,
      brokers: [1, 2].map(nodeId => ({ nodeId, host: 'broker', port: nodeId, rack: null })),
      topics: [
        {
          name: 't',
          isInternal: false,
          partitions: leaders.map((leaderId, partitionIndex) => ({ partitionIndex, leaderId })),
        },
      ],
    }
  }

  /** A request in version 3: acks, time-out, then topics with partitions with batches. */
  produce(broker: number, request: Buffer, callback: Callback): void {
    const answers: { index: number; errorCode: number; baseOffset: bigint }[] = []
    let at = 2 + 2 + 4 + 4 + 2 + 1 + 4
    for (let left = request.readInt32BE(at - 4); left > 0; left--) {
      const index = request.readInt32BE(at)
      const sequence = request.readInt32BE(at + 8 + 53)
      at += 8 + request.readInt32BE(at + 4)
      const taken = this.taken[index] as number[]
      const isLeader = this.leaders[index] === broker
      // What it has got already it takes once.
      const errorCode = isLeader ? (index === this.refused ? TOO_LARGE : 0) : NOT_LEADER
      if (errorCode === 0 && !taken.includes(sequence)) taken.push(sequence)
      answers.push({ index, errorCode, baseOffset: errorCode === 0 ? BigInt(sequence) : -1n })
    }
    this.requests.push(`${broker}: ${answers.map(({ index }) => index)}`)
    const response = { responses: [{ name: 't', partitionResponses: answers }], throttleTimeMs: 0 }
    const errors = answers.flatMap(({ errorCode }, n) => (errorCode ? [[String(n), [errorCode, null]]] : []))
    const error = errors.length > 0 ? new library.ResponseError(0, 3, Object.fromEntries(errors), response) : null
    setImmediate(callback, error, error ? undefined : response)
  }
}

function producerOn(brokers: TwoBrokers): Producer<Buffer, Buffer, Buffer, Buffer> {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
    clientId: 'test',
    bootstrapBrokers: ['broker:1'],
    idempotent: true,
    retries: 20,
    retryDelay: 1,
  })
  onTestFinished(() => producer.close())
  const connection = (broker: number) => ({
    send: (_key: number, _version: number, payload: () => library.Writer, ...[, , , callback]: unknown[]) =>
      brokers.produce(broker, payload().buffer, callback as Callback),
  })
  const apis: Record<string, unknown> = {
    Metadata: (...args: unknown[]) => setImmediate(args.at(-1) as Callback, null, brokers.metadata()),
    InitProducerId: (...args: unknown[]) =>
      setImmediate(args.at(-1) as Callback, null, { producerId: 7n, producerEpoch: 0 }),
    Produce: { version: 3 },
  }
  Object.assign(producer, {
    [library.kGetApi]: (name: string, callback: Callback) => callback(null, apis[name]),
    [library.kGetBootstrapConnection]: (callback: Callback) => callback(null, {}),
    [library.kGetConnection]: ({ port }: { port: number }, callback: Callback) => callback(null, connection(port)),
  })
  return withOwnRequests(producer, library)
}

const records = (partition: number, count: number) =>
  asMessage(
    't',
    partition,
    Array.from({ length: count }, () => ({ topic: 't', value: Buffer.from('x') })),
  )

describe('when leaders move', () => {
  it('also the second answer of which is old, the client asks again', async () => {
    const brokers = new TwoBrokers()
    const producer = producerOn(brokers)
    await producer.send({ messages: [records(0, 2)] })
    brokers.leaders = [2, 2]
    // Brokers hear of it one after another.
    brokers.rumours.push([1, 1], [1, 1])
    await producer.send({ messages: [records(0, 3)] })
    expect(brokers.requests).toEqual(['1: 0', '1: 0', '1: 0', '1: 0', '2: 0'])
    expect(brokers.taken[0]).toEqual([0, 2])
  })

  it('partitions of one request that have different leaders then get there, in their order', async () => {
    const brokers = new TwoBrokers()
    const producer = producerOn(brokers)
    await producer.send({ messages: [records(0, 2), records(1, 1)] })
    brokers.leaders = [1, 2]
    const sent = await producer.send({ messages: [records(0, 3), records(1, 4)] })
    expect(brokers.taken).toEqual([
      [0, 2],
      [0, 1],
    ])
    expect(sent.offsets).toEqual([
      { topic: 't', partition: 0, offset: 2n },
      { topic: 't', partition: 1, offset: 1n },
    ])
    await producer.send({ messages: [records(0, 1), records(1, 1)] })
    expect(brokers.taken).toEqual([
      [0, 2, 5],
      [0, 1, 5],
    ])
  })

  it('and one of them refuses for good, what the other took is known', async () => {
    const brokers = new TwoBrokers()
    const producer = producerOn(brokers)
    await producer.send({ messages: [records(0, 2), records(1, 1)] })
    brokers.leaders = [1, 2]
    brokers.refused = 1
    const failure = await producer.send({ messages: [records(0, 3), records(1, 4)] }).catch(error => error)
    const outcome = someWritten([0, 1], failure)
    expect(outcome.get(0)).toEqual({ written: true, offset: 2n })
    expect(outcome.get(1)).toMatchObject({ written: false, rejected: true })
  })

  it.each([
    [[true, true], true],
    [[true, false], false],
  ])('and no answer is wanted, it says whether all of it was sent: %j', (each, all) => {
    const partitions = [{ leader: 1 }, { leader: 2 }]
    const producer = {
      currentMetadata: { brokers: new Map([[2, 'two']]), topics: new Map([['t', { partitions }]]) },
      [library.kGetConnection]: (_: unknown, callback: Callback) => callback(null, {}),
    }
    const left = [...each]
    const told: unknown[] = []
    const send = toLeaders(library, producer as never, (_connection, _parts, answered) => answered(null, left.shift()))
    send({} as never, [records(0, 1), records(1, 1)] as { topic: string; partition: number }[], (...all) =>
      told.push(all),
    )
    expect(told).toEqual([[null, all]])
  })
})
