import type {
  FetchedPartition,
  KafkaRecord,
  PartitionOffset,
  PortReader,
  TopicPartition,
} from '../../src/client/port.ts'
import type { TransactionalProducer, Transactions } from '../../src/session/port.ts'
import { bytesOf } from './bytes.ts'

/** What a client asks a broker for; tests delay it, lose it, or lose its answer. */
export interface Operation {
  readonly kind: 'init' | 'send' | 'commit' | 'abort'
  readonly id: string
  readonly records: readonly KafkaRecord[]
}

/** What happens on the way of one client: before an operation reaches the broker, and before its answer arrives. */
export interface Faults {
  request(operation: Operation): void | Promise<void>
  answer(operation: Operation): void | Promise<void>
  /** An initialisation that finds something open is put off, as by a broker: it is repeated when this resolves. */
  putOff(): Promise<void>
}

export class FencedError extends Error {}
export class RefusedError extends Error {}

interface Transaction {
  readonly id: string
  readonly epoch: number
  readonly logs: Set<Log>
  state: 'open' | 'committed' | 'aborted'
}

interface Entry {
  readonly offset: number
  readonly transaction: Transaction | undefined
  /** Absent in a marker. */
  readonly record: KafkaRecord | undefined
}

interface Log {
  entries: Entry[]
  end: number
}

/** Kafka's rules of transactions, in memory: epochs, fencing, markers, what readers of committed data see. */
export class ModelBroker {
  isDown = false
  /** Of one request to one partition. */
  maxBatchBytes = 1_048_588
  /** What it will never take. */
  refuses: (record: KafkaRecord) => boolean = () => false
  readonly operations: Operation[] = []
  readonly policies = new Map<string, string>()
  readonly #partitions = new Map<string, number>()
  readonly #logs = new Map<string, Log>()
  readonly #epochs = new Map<string, number>()
  readonly #open = new Map<string, Transaction>()
  readonly #lost = new Set<Transaction>()

  createTopic(topic: string, partitions: number): void {
    this.#partitions.set(topic, partitions)
  }

  deleteTopic(topic: string): void {
    const count = this.partitionsOf(topic)
    this.#partitions.delete(topic)
    for (let at = 0; at < count; at++) this.#logs.delete(`${topic}:${at}`)
  }

  partitionsOf(topic: string): number {
    return this.#partitions.get(topic) ?? 0
  }

  log(topic: string, partition: number): Log {
    const key = `${topic}:${partition}`
    const log = this.#logs.get(key) ?? { entries: [], end: 0 }
    this.#logs.set(key, log)
    return log
  }

  /** What readers of committed data see, up to the last stable offset. */
  committed(topic: string, partition = 0): KafkaRecord[] {
    const log = this.log(topic, partition)
    const stable = this.lastStable(log)
    return log.entries.flatMap(({ offset, transaction, record }) =>
      record && offset < stable && transaction?.state === 'committed' ? [record] : [],
    )
  }

  values(topic: string, partition = 0): string[] {
    return this.committed(topic, partition).map(({ value }) => String(value))
  }

  lastStable(log: Log): number {
    return log.entries.find(({ transaction }) => transaction?.state === 'open')?.offset ?? log.end
  }

  /** Up to the last stable offset all but the newest committed record of each key goes, and all markers. */
  compact(topic: string, partition: number): void {
    const log = this.log(topic, partition)
    const stable = this.lastStable(log)
    const newest = new Map<string, Entry>()
    for (const entry of log.entries) {
      const { offset, record, transaction } = entry
      if (offset < stable && record && transaction?.state === 'committed') newest.set(String(record.key), entry)
    }
    const kept = [...newest.values()].sort((one, other) => one.offset - other.offset)
    log.entries = [...kept, ...log.entries.filter(({ offset }) => offset >= stable)]
  }

  hasOpen(id: string): boolean {
    return this.#open.has(id)
  }

  init(id: string): number {
    const open = this.#open.get(id)
    if (open) this.#finish(open, 'aborted')
    const epoch = (this.#epochs.get(id) ?? -1) + 1
    this.#epochs.set(id, epoch)
    return epoch
  }

  send(id: string, epoch: number, records: readonly KafkaRecord[]): void {
    this.#check(id, epoch)
    const bytes = new Map<Log, number>()
    for (const record of records) {
      const { topic, partition = 0, value } = record
      if (this.partitionsOf(topic) === 0) throw new RefusedError(`Unknown topic ${topic}.`)
      const log = this.log(topic, partition)
      bytes.set(log, (bytes.get(log) ?? 0) + (value?.length ?? 0))
      if (this.refuses(record)) throw new RefusedError('refused')
    }
    for (const size of bytes.values()) if (size > this.maxBatchBytes) throw new RefusedError('too large')
    const known = this.#open.get(id)
    const transaction = known ?? { id, epoch, logs: new Set<Log>(), state: 'open' as const }
    this.#open.set(id, transaction)
    for (const record of records) {
      const log = this.log(record.topic, record.partition ?? 0)
      transaction.logs.add(log)
      log.entries.push({ offset: log.end++, transaction, record })
    }
  }

  end(id: string, epoch: number, state: 'committed' | 'aborted'): void {
    this.#check(id, epoch)
    const open = this.#open.get(id)
    if (open) this.#finish(open, state)
  }

  /** What is open under this id on a topic has ended, but for readers of it: the end is written nowhere. */
  loseEnd(id: string, topic: string): void {
    const open = this.#open.get(id)
    if (!open) throw new Error(`nothing is open under ${id}`)
    const lost: Transaction = { ...open, logs: new Set() }
    for (let partition = 0; partition < this.partitionsOf(topic); partition++) {
      const log = this.log(topic, partition)
      if (!open.logs.delete(log)) continue
      lost.logs.add(log)
      log.entries = log.entries.map(entry => (entry.transaction === open ? { ...entry, transaction: lost } : entry))
    }
    this.#lost.add(lost)
  }

  /** As by `kafka-transactions.sh abort`. */
  abortLost(topic: string): void {
    for (const lost of this.#lost) if (this.#isOn(lost, topic)) this.#endLost(lost, 'aborted')
  }

  /** Whether a producer of this id would find one on its partitions of the topic. */
  hasLost(id: string, topic: string): boolean {
    return [...this.#lost].some(lost => lost.id === id && this.#isOn(lost, topic))
  }

  #isOn({ logs }: Transaction, topic: string): boolean {
    return [...logs].some(log =>
      Array.from({ length: this.partitionsOf(topic) }, (_, at) => this.log(topic, at)).includes(log),
    )
  }

  #endLost(lost: Transaction, state: 'committed' | 'aborted'): void {
    lost.state = state
    this.#lost.delete(lost)
    for (const log of lost.logs) log.entries.push({ offset: log.end++, transaction: lost, record: undefined })
  }

  #check(id: string, epoch: number): void {
    if (this.#epochs.get(id) !== epoch) throw new FencedError('fenced')
  }

  #finish(transaction: Transaction, state: 'committed' | 'aborted'): void {
    transaction.state = state
    this.#open.delete(transaction.id)
    for (const log of transaction.logs) log.entries.push({ offset: log.end++, transaction, record: undefined })
    // The end that is written counts for all that its producer has open there.
    for (const lost of this.#lost) {
      if (lost.id === transaction.id && [...lost.logs].some(log => transaction.logs.has(log)))
        this.#endLost(lost, state)
    }
  }

  /** A client of its own for one member. */
  client(faults: Partial<Faults> = {}): ModelClient {
    return new ModelClient(this, faults)
  }

  reader(): ModelReader {
    return new ModelReader(this)
  }
}

export class ModelClient implements Transactions {
  readonly #broker: ModelBroker
  readonly faults: Partial<Faults>
  /** Producers that were made and not closed. */
  openProducers = 0
  made: string[] = []
  /** Whether its user may know what is open on a partition. */
  asks = true

  constructor(broker: ModelBroker, faults: Partial<Faults>) {
    this.#broker = broker
    this.faults = faults
  }

  async warmUp(): Promise<void> {}

  async makePositions(topic: string): Promise<void> {
    if (this.#broker.isDown) throw new Error('connection refused')
    this.made.push(topic)
    if (this.#broker.partitionsOf(topic) === 0) this.#broker.createTopic(topic, 4)
  }

  async cleanupPolicy(topic: string): Promise<string | undefined> {
    return this.#broker.policies.get(topic)
  }

  isFenced(error: unknown): boolean {
    return error instanceof FencedError
  }

  isRefused(error: unknown): boolean {
    return error instanceof RefusedError
  }

  explain(error: unknown): string {
    return String(error)
  }

  producer(id: string, again?: () => Promise<void>): TransactionalProducer {
    this.openProducers++
    let epoch: number | undefined
    let isUsed = false
    let isOpen = false
    let isClosed = false
    let calls = 0
    const clean = new Set<string>()
    const ask = async <T>(kind: Operation['kind'], records: readonly KafkaRecord[], act: () => T): Promise<T> => {
      const operation = { kind, id, records }
      calls++
      try {
        await this.faults.request?.(operation)
        if (isClosed && kind !== 'abort') throw new Error('closed')
        if (this.#broker.isDown) throw new Error('connection refused')
        this.#broker.operations.push(operation)
        const result = act()
        await this.faults.answer?.(operation)
        return result
      } finally {
        calls--
      }
    }
    const initialised = async (): Promise<number> => {
      const { putOff } = this.faults
      for (;;) {
        const [isPutOff, given] = await ask(
          'init',
          [],
          () => [this.#broker.hasOpen(id), this.#broker.init(id)] as const,
        )
        if (!isPutOff || putOff === undefined) return given
        await putOff()
        await again?.()
      }
    }
    const known = () => {
      if (epoch === undefined || !isOpen) throw new Error('no transaction')
      return epoch
    }
    return {
      get isBusy() {
        return calls > 0
      },
      begin: async () => {
        if (isOpen && !isUsed) return
        epoch ??= await initialised()
        isOpen = true
        isUsed = false
      },
      send: async (records, isClean = false) => {
        const at = known()
        for (const { topic } of records) {
          if (!clean.has(topic) && !isClean && this.asks && this.#broker.hasLost(id, topic)) {
            throw new Error(`something is open on ${topic}`)
          }
          clean.add(topic)
        }
        isUsed = true
        await ask('send', records, () => this.#broker.send(id, at, records))
      },
      commit: async () => {
        const at = known()
        await ask('commit', [], () => this.#broker.end(id, at, 'committed'))
        isOpen = false
      },
      abort: async () => {
        if (!isOpen || !isUsed) return
        const at = known()
        isOpen = false
        await ask('abort', [], () => this.#broker.end(id, at, 'aborted'))
      },
      close: async () => {
        if (isClosed) return
        isClosed = true
        this.openProducers--
      },
    }
  }
}

/** At most so many records come at once. */
const AT_ONCE = 50

export class ModelReader implements PortReader {
  readonly #broker: ModelBroker
  /** So many of the next answers bring nothing, as those of a broker that throttles its client. */
  throttled = 0
  isBroken = false
  isClosed = false

  constructor(broker: ModelBroker) {
    this.#broker = broker
  }

  async partitions(topic: string): Promise<number> {
    this.#check()
    return this.#broker.partitionsOf(topic)
  }

  async edges(partitions: readonly TopicPartition[], edge: 'earliest' | 'latest'): Promise<readonly PartitionOffset[]> {
    this.#check()
    return partitions.map(({ topic, partition }) => {
      const { entries, end } = this.#broker.log(topic, partition)
      return { topic, partition, offset: BigInt(edge === 'latest' ? end : (entries[0]?.offset ?? end)) }
    })
  }

  async lastStableOffset(topic: string, partition: number): Promise<bigint> {
    this.#check()
    return BigInt(this.#broker.lastStable(this.#broker.log(topic, partition)))
  }

  async read({ topic, partition, offset }: PartitionOffset): Promise<FetchedPartition> {
    this.#check()
    const nothing = { topic, partition, nextOffset: offset, batches: [] }
    if (this.throttled > 0) {
      this.throttled--
      return nothing
    }
    const log = this.#broker.log(topic, partition)
    const stable = this.#broker.lastStable(log)
    const entries = log.entries.filter(entry => entry.offset >= offset && entry.offset < stable).slice(0, AT_ONCE)
    const last = entries.at(-1)
    if (!last) return nothing
    const batches = entries.map(({ offset: at, transaction, record }) => ({
      firstOffset: BigInt(at),
      firstTimestamp: 0n,
      records:
        record && transaction?.state === 'committed'
          ? [
              {
                offsetDelta: 0,
                timestampDelta: 0n,
                key: bytesOf(record.key),
                value: bytesOf(record.value),
                headers: [],
              },
            ]
          : [],
    }))
    return { topic, partition, nextOffset: BigInt(last.offset + 1), batches }
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  #check(): void {
    if (this.isClosed) throw new Error('closed')
    if (this.isBroken || this.#broker.isDown) throw new Error('connection refused')
  }
}
