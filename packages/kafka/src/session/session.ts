import {
  DromedaryError,
  type Exchange,
  isDromedaryError,
  messageOf,
  NAMES,
  type ResumeFailures,
  sleep,
} from '@dromedary/core/component'
import { Entry } from './entry.ts'
import { type Kept, snapshot } from './kept.ts'
import { Ledger } from './ledger.ts'
import type { SessionPlace, SessionSettings } from './settings.ts'
import { notLeader, onAbort, Standing } from './standing.ts'
import { Writer } from './writer.ts'

/** How long a session may take for what is left, when nobody waits for that. */
const FINISH_MS = 2_000
const LOOK_MS = 5
/** For what may take however long. */
const LONG_LOOK_MS = 100

export type { SessionPlace, SessionSettings } from './settings.ts'

/**
 * One leader's transactions, from its grant to its end: fences the predecessor, reads where it stood, claims the term,
 * and then writes what exchanges sent, each transaction with the position that belongs to it.
 *
 * 1. Nothing is initialised before the grant, and after a failure (but for a refused record) only once a renewal that was
 *    sent later has been acknowledged: a zombie that wakes late fences the rightful leader at most once, and that one
 *    comes back. What the brokers put off is repeated without that, but not once a higher term has claimed.
 * 2. After each initialisation the topic of positions says whose term wrote last. A higher one: this member is no leader.
 * 3. A transaction whose outcome is unknown is looked up there by its number, and written again only if it is missing.
 * 4. A record that the brokers refuse for good is the affair of the exchange that sent it: the others are written without it.
 */
export class Session {
  readonly #settings: SessionSettings
  readonly #place: SessionPlace
  readonly #standing: Standing
  readonly #writer: Writer
  readonly #ledger = new Ledger()
  readonly #opened = Promise.withResolvers<Kept>()
  /** Where the share of an exchange is found from its copies; of this session alone. */
  readonly #property: string
  #abandoned: Promise<void> | undefined
  /** For the session before. */
  #isWaiting = false
  /** Exchanges had positions: after its end only whoever reads the position may go on. */
  hasPositions = false

  constructor(settings: SessionSettings, place: SessionPlace) {
    this.#settings = settings
    this.#place = place
    this.#property = `DromedaryKafkaEntry.${place.writer}`
    this.#standing = new Standing(settings, place, this.#ledger)
    this.#writer = new Writer(settings, place, this.#standing, this.#ledger, {
      opened: kept => this.#opened.resolve(kept),
      refused: (entry, error) => this.#refused(entry, error),
    })
    this.#opened.promise.catch(() => {})
    const { leadership } = place
    if (leadership) onAbort(leadership.ended, () => this.end(notLeader(settings.transactionalId)))
    void this.#run()
  }

  /** Why it takes nothing any more; undefined while it does. */
  get over(): DromedaryError | undefined {
    return this.#standing.over
  }

  /** Resolves with what was kept when this term began, once the predecessor is fenced. Rejects when the session is over first. */
  opened(): Promise<Kept> {
    return this.#opened.promise
  }

  /** As {@link opened}, but with what is kept by now. */
  async kept(): Promise<Kept> {
    await this.opened()
    return this.#writer.kept
  }

  /** Whether it, or one that it is a copy of, has a share here that is not settled. */
  has(exchange: Exchange): boolean {
    const share = exchange.getProperty(this.#property)
    return share instanceof Entry && !share.settled
  }

  /** Nothing is under way. */
  get isEmpty(): boolean {
    return this.over !== undefined || (this.#ledger.size === 0 && this.#writer.unsettled.length === 0)
  }

  /** Resolves when nothing is under way, whoever comes meanwhile. */
  async emptied(): Promise<void> {
    for (let pause = LOOK_MS; !this.isEmpty; pause = Math.min(LONG_LOOK_MS, 2 * pause)) {
      await sleep(this.#place.clock, pause)
    }
  }

  /** The share of this exchange, or of the one that it is a copy of. Throws once the session is over. */
  entry(exchange: Exchange): Entry {
    if (this.over) throw this.over
    const inProperty = exchange.getProperty(this.#property)
    if (inProperty instanceof Entry && !inProperty.done) return inProperty
    // A step may have removed the property. What parts handed over comes before, and is not its own.
    const isOwn = (one: unknown) => one instanceof Entry && one.owner === this && one.exchange === exchange
    const waits = exchange.unitOfWork.synchronizations.find(isOwn)
    const known = inProperty ?? waits
    if (known instanceof Entry && !known.done) {
      exchange.setProperty(this.#property, known)
      return known
    }
    const isBeside = known !== undefined || exchange.getProperty(NAMES.aggregatedSize) !== undefined
    const entry = new Entry(this, exchange, isBeside)
    exchange.unitOfWork.addSynchronization(entry)
    exchange.setProperty(this.#property, entry)
    this.#ledger.join(entry)
    return entry
  }

  /** The position of an exchange, in the order of the source. Throws `DROMEDARY_KAFKA_POSITION` for one that cannot be kept. */
  position(exchange: Exchange, position: unknown, failures: ResumeFailures): void {
    const kept = snapshot(position)
    const entry = this.entry(exchange)
    entry.position = kept
    entry.failures = failures
    this.hasPositions = true
  }

  /** For the entries. */
  completed(entry: Entry): void {
    this.#ledger.done(entry)
  }

  /** For the entries: those of the session before come first. */
  isBlocked(entry: Entry): boolean {
    return this.#isWaiting || this.#ledger.isBlocked(entry)
  }

  /** For the entries: what a failed exchange sent is not written. */
  failed(entry: Entry): void {
    entry.drop()
    if (this.#mayPass(entry)) this.#ledger.done(entry)
    else this.#hold(entry, entry.exchange.exception)
  }

  /** What has not been committed fails with this. Idempotent. */
  end(error: DromedaryError): void {
    if (!this.#standing.end(error)) return
    this.#opened.reject(error)
    for (const entry of [...this.#writer.unsettled, ...this.#ledger.drain()]) entry.fail(error)
    this.#abandoned = this.#writer.abandon()
  }

  /** Writes what is there, at once. Resolves when that is done, and also when it cannot be done soon. Takes no more afterwards. */
  async finish(error: DromedaryError): Promise<void> {
    const { clock } = this.#place
    const end = clock.monotonic() + FINISH_MS
    this.#standing.close()
    while (!this.over && (this.#ledger.isReady || this.#writer.unsettled.length > 0) && clock.monotonic() < end) {
      await sleep(clock, LOOK_MS)
    }
    this.end(error)
    await this.#abandoned
  }

  async #run(): Promise<void> {
    try {
      this.#isWaiting = this.#place.after !== undefined
      await this.#place.after
      this.#isWaiting = false
      await this.#writer.run()
    } catch (error) {
      if (this.over) return
      if (isDromedaryError(error, 'DROMEDARY_NOT_LEADER')) {
        this.end(error)
        this.#place.leadership?.resign(error.message)
      } else this.#giveUp(messageOf(error), error)
    }
  }

  /** The broker refuses something of it for good: as if a step had failed, but past all error handlers. */
  #refused(entry: Entry, cause: unknown): readonly Entry[] {
    const { log, transactions } = this.#place
    const why = `the brokers refuse what exchange ${entry.exchange.id} sent: ${transactions.explain(cause)}`
    const error = new DromedaryError('DROMEDARY_KAFKA_SEND', why, { cause })
    entry.drop()
    if (!this.#mayPass(entry)) {
      this.#hold(entry, error)
      return []
    }
    entry.exchange.fail(error)
    log.error(why, { error })
    return [entry]
  }

  #mayPass({ position, failures }: Entry): boolean {
    return position === undefined || failures === 'pass'
  }

  #hold(entry: Entry, error: unknown): void {
    const { transactionalId } = this.#settings
    const position = JSON.stringify(typeof entry.position === 'bigint' ? String(entry.position) : entry.position)
    const why = `the exchange at position ${position} failed and no error handler dealt with it, so that ${transactionalId} may not go past it (failures=stop): ${messageOf(error)}`
    this.#giveUp(why, error)
    // The source brings it again, or another member's does.
    if (this.over) entry.fail(this.over)
  }

  /** Nobody may go on from here but a member that begins anew. */
  #giveUp(why: string, cause: unknown): void {
    const { log, leadership } = this.#place
    log.error(`${why}${leadership ? '; this member resigns' : ''}`, { error: cause })
    this.end(new DromedaryError('DROMEDARY_INTERRUPTED', why, { cause }))
    leadership?.resign(why)
  }
}
