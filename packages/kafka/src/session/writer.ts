import { isDromedaryError } from '@dromedary/core/component'
import { Batch } from './batch.ts'
import type { Entry } from './entry.ts'
import { Fence } from './fence.ts'
import { type Kept, NOTHING_KEPT, nextOrigin } from './kept.ts'
import type { Ledger } from './ledger.ts'
import type { TransactionalProducer } from './port.ts'
import type { SessionPlace, SessionSettings } from './settings.ts'
import { onAbort, type Standing } from './standing.ts'
import { Trouble } from './trouble.ts'

/** Records of one request. */
const REQUEST = 1_000
/** Records of one transaction. */
const TRANSACTION = 50_000

/** Who is told what becomes of exchanges. */
export interface WriterOffice {
  opened(kept: Kept): void
  /** The broker takes nothing of this one, whatever the time. It has left the ledger; what it returns goes back there. */
  refused(entry: Entry, error: unknown): readonly Entry[]
}

/** One loop that fences, and then writes what the ledger gives, a transaction at a time. */
export class Writer {
  readonly #settings: SessionSettings
  readonly #place: SessionPlace
  readonly #standing: Standing
  readonly #ledger: Ledger
  readonly #office: WriterOffice
  readonly #fence: Fence
  readonly #trouble: Trouble
  #kept: Kept = NOTHING_KEPT
  #producer: TransactionalProducer | undefined
  #batch: Batch | undefined
  #lastCommit = Number.NEGATIVE_INFINITY
  /** Of one transaction; fewer while the exchange is looked for of which the broker refuses something. */
  #most = Number.POSITIVE_INFINITY
  /** One record by itself at a time, the position as well. */
  #isSingly = false
  /** What was sent last has something of exchanges. */
  #isData = false

  constructor(
    settings: SessionSettings,
    place: SessionPlace,
    standing: Standing,
    ledger: Ledger,
    office: WriterOffice,
  ) {
    this.#settings = settings
    this.#place = place
    this.#standing = standing
    this.#ledger = ledger
    this.#office = office
    this.#fence = new Fence(settings, place, standing)
    this.#trouble = new Trouble(settings, place, standing.signal)
  }

  /** Ends with the reason why it goes no further. */
  run(): Promise<never> {
    return Promise.race([this.#run(), this.#trouble.tooLong])
  }

  async #run(): Promise<never> {
    this.#kept = await this.#initialise(undefined)
    this.#trouble.ended()
    this.#office.opened(this.#kept)
    for (;;) {
      await this.#standing.until(() => this.#ledger.isReady)
      await this.#transaction()
    }
  }

  /** What was committed last. */
  get kept(): Kept {
    return this.#kept
  }

  /** What is in a transaction that is not known to be committed. */
  get unsettled(): readonly Entry[] {
    return this.#batch?.entries ?? []
  }

  /**
   * Readers of committed data wait for what is open, and nobody may come soon who ends it. But past the end of the
   * leadership the client must not try again what it is about to send: then it is closed at once. Never rejects.
   */
  async abandon(): Promise<void> {
    const producer = this.#producer
    const { leadership } = this.#place
    this.#producer = undefined
    if (!producer) return
    const ended = leadership && new Promise<void>(resolve => onAbort(leadership.ended, resolve))
    const aborted = () => producer.abort().catch(() => {})
    if (!producer.isBusy) await aborted()
    else if (leadership?.isValid() !== false) await (ended ? Promise.race([aborted(), ended]) : aborted())
    await producer.close().catch(() => {})
  }

  /** Written until it is committed, or something of it is refused, or this member leads no more. */
  async #transaction(): Promise<void> {
    const batch = new Batch(this.#kept.batch + 1)
    this.#batch = batch
    for (;;) {
      try {
        this.#kept = await this.#write(batch)
        break
      } catch (error) {
        this.#standing.check()
        const isRefused = this.#isData && this.#place.transactions.isRefused(error)
        // A refusal says nothing of who leads: no outage, and no reason to ask for proof.
        if (!isRefused) {
          this.#trouble.began(error)
          await this.#renewed()
        }
        this.#kept = await this.#initialise(this.#kept)
        if (this.#kept.batch >= batch.number) break
        if (isRefused) return this.#narrow(batch, error)
      }
    }
    this.#trouble.ended()
    this.#lastCommit = this.#place.clock.monotonic()
    this.#most *= 2
    this.#isSingly = false
    this.#batch = undefined
    batch.settle()
  }

  /** One attempt. */
  async #write(batch: Batch): Promise<Kept> {
    const producer = this.#producer as TransactionalProducer
    await this.#trouble.asking(() => producer.begin())
    for (let sent = 0; ; ) {
      const isDue = this.#isDue(batch)
      if (!isDue || batch.isEmpty) {
        batch.add(this.#ledger.take(TRANSACTION - batch.records.length, this.#most - batch.entries.length))
      }
      if (batch.isEmpty) {
        await this.#standing.until(() => this.#ledger.isReady)
        continue
      }
      const part = batch.part(sent, this.#isSingly ? 1 : REQUEST)
      const isLast = isDue && sent + part.length === batch.records.length && !(this.#isSingly && part.length > 0)
      if (isLast) return this.#commit(producer, batch, part)
      if (part.length > 0) {
        await this.#send(producer, part, true)
        sent += part.length
      } else await this.#standing.until(() => this.#ledger.isReady || this.#isDue(batch), this.#dueInMs)
    }
  }

  async #commit(producer: TransactionalProducer, batch: Batch, part: Batch['records']): Promise<Kept> {
    const { term } = this.#fence
    const { number, position = this.#kept.position } = batch
    const kept = { term, writer: this.#place.writer, batch: number, position, origin: nextOrigin(this.#kept, term) }
    await this.#send(producer, [...part, await this.#fence.record(kept)], part.length > 0)
    this.#isData = false
    this.#standing.check()
    await this.#trouble.asking(() => producer.commit())
    return kept
  }

  async #send(producer: TransactionalProducer, records: Batch['records'], isData: boolean): Promise<void> {
    this.#isData = isData
    this.#standing.check()
    await this.#trouble.asking(() => producer.send(records))
  }

  get #dueInMs(): number {
    return this.#lastCommit + this.#settings.transactionInterval - this.#place.clock.monotonic()
  }

  #isDue(batch: Batch): boolean {
    const isFull = batch.records.length >= TRANSACTION || batch.entries.length >= this.#most
    return isFull || this.#dueInMs <= 0 || this.#standing.isClosing
  }

  /** Fences, reads and claims; again and again until it succeeds. */
  async #initialise(known: Kept | undefined): Promise<Kept> {
    for (;;) {
      this.#standing.check()
      void this.#producer?.close().catch(() => {})
      const producer = this.#fence.producer(this.#settings.transactionalId)
      this.#producer = producer
      try {
        return await this.#trouble.asking(() => this.#fence.raise(producer, known))
      } catch (error) {
        this.#standing.check()
        if (isDromedaryError(error)) throw error
        this.#trouble.began(error)
      }
      await this.#renewed()
    }
  }

  /** Waits for proof that this member still leads, and longer from attempt to attempt. Throws when it does not. */
  #renewed(): Promise<void> {
    return this.#standing.renewed(this.#trouble.backOffMs)
  }

  /** After a refusal: half as many exchanges, then single records, until the one that is refused is alone. */
  #narrow(batch: Batch, error: unknown): void {
    const { entries } = batch
    const [entry] = entries
    this.#batch = undefined
    if (entries.length > 1) {
      this.#most = Math.ceil(entries.length / 2)
      this.#ledger.giveBack(entries)
    } else if (!this.#isSingly) {
      this.#most = 1
      this.#isSingly = true
      this.#ledger.giveBack(entries)
    } else if (entry) {
      this.#most = Number.POSITIVE_INFINITY
      this.#isSingly = false
      this.#ledger.giveBack(this.#office.refused(entry, error))
    }
  }
}
