import type * as Kafka from '@platformatic/kafka'

type Client = Kafka.Producer<Buffer, Buffer, Buffer, Buffer>

/** What is sent to a partition. */
interface Placed {
  readonly topic: string
  readonly partition: number
}

interface Answer {
  readonly responses: readonly unknown[]
}

/** `true` or `false` where no answer is asked for. */
export type Answered = (error: Error | null, answer?: Answer | boolean) => void

/** Sends to one broker. */
export type Send<P> = (connection: Kafka.Connection, parts: readonly P[], answered: Answered) => void

/**
 * Sends each part to the broker that leads its partition. The client sends what went to one broker to one broker again,
 * when it tries again, although its partitions may have different leaders by then; and it asks but once who leads them
 * now, of a broker that may not have heard of it.
 */
export function toLeaders<P extends Placed>(library: typeof Kafka, producer: Client, send: Send<P>): Send<P> {
  return (connection, parts, answered) => {
    const tell: Answered = (error, answer) => {
      if (error && library.findErrorBy(error, 'hasStaleMetadata', true)) producer.clearMetadata()
      answered(error, answer)
    }
    const groups = [...byLeader(producer, parts)]
    if (groups.length === 1) {
      send(connection, parts, tell)
      return
    }
    const answers: unknown[] = []
    type Group = (typeof groups)[number]
    library.runConcurrentCallbacks<Answer | boolean | undefined, Group>(
      'Producing messages failed.',
      groups,
      ([broker, group], done) => {
        const noted = (error: Error | null, answer?: Answer | boolean) => {
          answers.push(...responsesOf(error ?? answer))
          done(error, answer)
        }
        if (broker === undefined) send(connection, group, noted)
        else {
          producer[library.kGetConnection](broker, (error, other) => {
            if (other) send(other, group, noted)
            else noted(error)
          })
        }
      },
      (error, all) => {
        // What became of each partition is asked for by whoever gets the error.
        if (error) tell(Object.assign(error, { response: { responses: answers } }))
        else if (typeof all?.[0] === 'object') tell(null, { ...all[0], responses: answers })
        else tell(null, all?.includes(false) === false)
      },
    )
  }
}

/** By the broker that leads them, if it is another one than that of the first; else under no broker. */
function byLeader<P extends Placed>(producer: Client, parts: readonly P[]): Map<Kafka.Broker | undefined, P[]> {
  const { topics, brokers } = producer.currentMetadata ?? {}
  const leaderOf = ({ topic, partition }: P) => topics?.get(topic)?.partitions[partition]?.leader
  const [first] = parts
  const own = first && leaderOf(first)
  return Map.groupBy(parts, part => {
    const leader = leaderOf(part)
    return leader === undefined || leader === own ? undefined : brokers?.get(leader)
  })
}

function responsesOf(told: unknown): readonly unknown[] {
  const { response = told } = Object(told) as { readonly response?: unknown }
  const { responses } = Object(response) as { readonly responses?: unknown }
  return Array.isArray(responses) ? responses : []
}
