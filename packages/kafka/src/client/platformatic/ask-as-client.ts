import type * as Kafka from '@platformatic/kafka'

/**
 * Lets a producer ask for partitions of a transaction as clients do. It would use the newest version that it knows and the
 * broker has, and from version 4 on only brokers may: where rights are checked, every transaction would be refused.
 */
export function askAsClient<P extends Kafka.Producer<Buffer, Buffer, Buffer, Buffer>>(
  producer: P,
  library: typeof Kafka,
): P {
  const { kGetApi, addPartitionsToTxnV3 } = library
  const methods = producer as unknown as Record<symbol, GetApi>
  const getApi = methods[kGetApi]?.bind(producer)
  methods[kGetApi] = (name, callback) => {
    if (name === 'AddPartitionsToTxn') callback(null, addPartitionsToTxnV3.api)
    else getApi?.(name, callback)
  }
  return producer
}

type GetApi = (name: string, callback: (error: Error | null, api?: unknown) => void) => void
