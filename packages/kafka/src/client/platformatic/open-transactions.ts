import type * as Kafka from '@platformatic/kafka'

type Client = Kafka.Producer<Buffer, Buffer, Buffer, Buffer>
type Answer = Kafka.describeProducersV0.DescribeProducersResponse
type Callback<T> = (error?: Error | null, result?: T) => void
type Api = (connection: Kafka.Connection, topics: readonly Topic[], callback: Callback<Answer>) => void

interface Topic {
  readonly name: string
  readonly partitionIndexes: readonly number[]
}

export interface Place {
  readonly topic: string
  readonly partition: number
}

export interface OpenTransaction extends Place {
  readonly startOffset: bigint
}

/** Who may write to a partition, but not read it, is told nothing of its producers. */
const MAY_NOT_ASK = 29
const UNKNOWN_TOPIC = 3

/**
 * A transaction of this producer that is open on one of these partitions; undefined where there is none, or where that may
 * not be asked. Right after an initialisation there is none, unless a broker has lost the end of one.
 */
export async function openTransaction(
  library: typeof Kafka,
  client: Client,
  places: readonly Place[],
): Promise<OpenTransaction | undefined> {
  const api = await called<Api>(done => client[library.kGetApi]('DescribeProducers', done as never)).catch(error => {
    // Brokers before 2.8.
    if (error instanceof library.UnsupportedApiError) return undefined
    throw error
  })
  if (api === undefined) return undefined
  return called<OpenTransaction | undefined>(done => {
    const attempt = (retry: Callback<OpenTransaction | undefined>) => {
      ask(library, client, api, places).then(
        open => retry(null, open),
        error => {
          if (library.findErrorBy(error, 'hasStaleMetadata', true)) client.clearMetadata()
          retry(error)
        },
      )
    }
    client[library.kPerformWithRetry]('describeProducers', attempt as never, done as never)
  })
}

async function ask(library: typeof Kafka, client: Client, api: Api, places: readonly Place[]) {
  const { topics, brokers } = await client.metadata({ topics: [...new Set(places.map(({ topic }) => topic))] })
  const leaderOf = ({ topic, partition }: Place) => topics.get(topic)?.partitions[partition]?.leader
  const groups = Map.groupBy(places, leaderOf)
  const found = [...groups].map(async ([leader, group]) => {
    const broker = leader === undefined ? undefined : brokers.get(leader)
    // It has just been made. Whoever writes there waits for a leader.
    if (!broker) return undefined
    const connection = await called<Kafka.Connection>(done => client[library.kGetConnection](broker, done as never))
    const byTopic = Map.groupBy(group, ({ topic }) => topic)
    const asked = [...byTopic].map(([name, own]) => ({ name, partitionIndexes: own.map(({ partition }) => partition) }))
    return openIn(await answered(done => api(connection, asked, done)), client.producerId)
  })
  return (await Promise.all(found)).find(one => one !== undefined)
}

/** What brokers answer, also where they refuse some of it for good. Rejects with what may pass. */
async function answered(call: (done: Callback<Answer>) => void): Promise<Answer> {
  try {
    return await called(call)
  } catch (error) {
    const { response } = error as { readonly response?: Answer }
    const partitions = response?.topics.flatMap(topic => topic.partitions) ?? []
    const passes = ({ errorCode }: { readonly errorCode: number }) =>
      errorCode === 0 || errorCode === MAY_NOT_ASK || errorCode === UNKNOWN_TOPIC
    if (response && partitions.every(passes)) return response
    throw error
  }
}

function openIn({ topics }: Answer, producerId: bigint | undefined): OpenTransaction | undefined {
  for (const { name: topic, partitions } of topics) {
    for (const { partitionIndex: partition, activeProducers } of partitions) {
      const own = activeProducers.find(each => each.producerId === producerId && each.currentTxnStartOffset >= 0n)
      if (own) return { topic, partition, startOffset: own.currentTxnStartOffset }
    }
  }
  return undefined
}

function called<T>(call: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result as T)))
  })
}
