import { DromedaryError, type RouteEntry, sleep } from '@dromedary/core/component'
import { backOff } from '../client/back-off.ts'
import type { FetchLimits, KafkaClient, MemberSettings, PartitionOffset, PortMember, TopicPartition } from '../client/port.ts'
import { Committer } from './committer.ts'
import { ExchangeMaker, type ExchangeRules } from './exchange-maker.ts'
import type { FailedRecords } from './failed-records.ts'
import { FetchLoops } from './fetch-loops.ts'
import { keyOf } from './keys.ts'
import type { Link } from './link.ts'
import { PartitionRun, type RunRules } from './partition-run.ts'
import { StartOffsets, type StartRules } from './start-offsets.ts'
import type { Subscription } from './topics.ts'

export interface ReaderParts {
  readonly name: string
  readonly entry: RouteEntry
  readonly client: KafkaClient
  readonly subscription: Subscription
  readonly group: Omit<MemberSettings, 'events'>
  readonly limits: FetchLimits
  readonly start: StartRules
  readonly exchanges: ExchangeRules
  readonly run: RunRules
  readonly failed: FailedRecords
  readonly link: Link
  readonly autoCommit: boolean
  readonly autoCommitIntervalMs: number
  readonly metadataMaxAgeMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  /** A failed record stops the consumer. */
  readonly onStop: (error: unknown) => void
}

/** A topic that does not exist yet is looked for this often. */
const MISSING_TOPIC_MS = 5_000
/** Of the session time-out, so much may be waited for exchanges when partitions move: a member must be heard of in time. */
const DRAIN_SHARE = 0.5

/** One member of the group: joins and joins again, and runs the partitions that are its own. */
export class GroupReader {
  readonly #parts: ReaderParts
  readonly #member: PortMember
  readonly #starts: StartOffsets
  readonly #committer: Committer
  readonly #fetches: FetchLoops
  readonly #runs = new Map<string, PartitionRun>()
  readonly #stopped = new AbortController()
  /** Aborts when the member has to join again. */
  #wake = new AbortController()
  #mustJoin = true
  #held = false
  /** Counts what was assigned, so that an answer that comes too late is known as such. */
  #assignment = 0
  #saidMissing = ''
  #idle: (() => void) | undefined
  #whenAssigned: (() => void) | undefined

  constructor(parts: ReaderParts) {
    const { client, entry } = parts
    this.#parts = parts
    this.#member = client.member({
      ...parts.group,
      events: {
        rebalancing: () => void this.#commit(),
        beforeRejoin: () => this.#drain(),
        assigned: (partitions, isContinuous) => this.#assigned(partitions, isContinuous),
        lost: error => this.#lost(error),
      },
    })
    this.#starts = new StartOffsets(parts.start)
    this.#committer = new Committer({
      entry,
      positions: () => this.#positions(),
      commit: offsets => this.#member.commit(offsets),
      kindOf: client.kindOf,
      explain: client.explain,
    })
    this.#fetches = new FetchLoops({
      name: parts.name,
      member: this.#member,
      client,
      clock: entry.clock,
      limits: parts.limits,
      link: parts.link,
      retryBackoffMs: parts.retryBackoffMs,
      retryBackoffMaxMs: parts.retryBackoffMaxMs,
      runs: this.#runs,
      outOfRange: run => this.#outOfRange(run),
    })
  }

  /** Begins. Resolves when it has partitions or a first try has failed; goes on in the background. */
  start(): Promise<void> {
    const begun = new Promise<void>(resolve => {
      this.#whenAssigned = resolve
    })
    void this.#live()
    if (this.#parts.autoCommit) void this.#commitRegularly()
    return begun
  }

  /** Lets nothing in. */
  hold(): void {
    this.#held = true
    for (const run of this.#runs.values()) run.hold()
    this.#fetches.stop()
  }

  release(): void {
    this.#held = false
    for (const run of this.#runs.values()) run.release()
    this.#fetches.start()
  }

  /** Commits what is done, if that takes no longer than it may, and leaves the group. */
  async close(commitTimeoutMs: number): Promise<void> {
    this.hold()
    this.#stopped.abort()
    const done = new AbortController()
    const committed = this.#commit().then(() => done.abort())
    await Promise.race([committed, sleep(this.#parts.entry.clock, commitTimeoutMs, done.signal)])
    done.abort()
    for (const run of this.#runs.values()) run.end()
    this.#runs.clear()
    await this.#member.close()
  }

  /** Joins whenever that is needed, and looks for what has changed about the topics. */
  async #live(): Promise<void> {
    const { entry, metadataMaxAgeMs } = this.#parts
    const { signal } = this.#stopped
    let known = ''
    for (let attempt = 1; !signal.aborted; ) {
      let waitMs = metadataMaxAgeMs
      this.#wake = new AbortController()
      try {
        const topics = await this.#parts.subscription.existing(this.#member)
        if (signal.aborted) return
        const text = JSON.stringify([...topics])
        for (const [topic, count] of topics) this.#starts.knows(topic, count)
        const missing = this.#parts.subscription.names.filter(name => !topics.has(name))
        if (missing.length > 0) waitMs = Math.min(waitMs, MISSING_TOPIC_MS)
        this.#missing(missing, topics.size > 0)
        if (topics.size > 0 && (this.#mustJoin || text !== known)) {
          this.#mustJoin = false
          await this.#member.join([...topics.keys()])
          known = text
        }
        if (topics.size === 0) this.#whenAssigned?.()
        if (topics.size > 0) this.#parts.link.works(`${this.#parts.name} join`)
        attempt = 1
      } catch (error) {
        this.#mustJoin = true
        this.#failed(error, 'join')
        waitMs = backOff(attempt++, this.#parts.retryBackoffMs, this.#parts.retryBackoffMaxMs, Math.random)
      }
      if (signal.aborted) return
      await sleep(entry.clock, waitMs, AbortSignal.any([signal, this.#wake.signal]))
    }
  }

  /** Says so once; where nothing else can be read it is a fault, too. */
  #missing(topics: readonly string[], areOthers: boolean): void {
    const { link, name, entry } = this.#parts
    const text = topics.join(', ')
    if (topics.length === 0 || areOthers) link.drop(`${name} topics`)
    else link.failed(`${name} topics`, new DromedaryError('DROMEDARY_KAFKA_READ', `there is no topic ${text}`))
    if (areOthers && text !== '' && text !== this.#saidMissing) entry.log.warn(`there is no topic ${text} yet`)
    this.#saidMissing = text
  }

  #failed(error: unknown, what: string): void {
    const { link, client, name } = this.#parts
    const reason = error instanceof DromedaryError ? error : this.#unreadable(client.explain(error), error)
    link.failed(`${name} ${what}`, reason)
    this.#whenAssigned?.()
  }

  #unreadable(why: string, cause: unknown): DromedaryError {
    const { text } = this.#parts.subscription
    return new DromedaryError('DROMEDARY_KAFKA_READ', `cannot read ${text} from Kafka, and trying again: ${why}`, { cause })
  }

  /** Others may have its partitions by now: nothing more enters before it has joined again. */
  #lost(error: unknown): void {
    for (const run of this.#runs.values()) run.hold()
    this.#failed(error, 'join')
    this.#mustJoin = true
    this.#wake.abort()
  }

  /** Lets the exchanges under way end, and commits them, before the partitions may move. */
  async #drain(): Promise<void> {
    if (this.#runs.size === 0) return
    for (const run of this.#runs.values()) run.hold()
    if (this.#inFlight() > 0) {
      const idle = new AbortController()
      this.#idle = () => idle.abort()
      const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#parts.group
      const atMost = Math.min(sessionTimeoutMs, rebalanceTimeoutMs) * DRAIN_SHARE
      await sleep(this.#parts.entry.clock, atMost, AbortSignal.any([idle.signal, this.#stopped.signal]))
    }
    await this.#commit()
  }

  #assigned(partitions: readonly TopicPartition[], isContinuous: boolean): void {
    const assignment = ++this.#assignment
    const mine = new Set(partitions.map(keyOf))
    for (const [key, run] of this.#runs) {
      if (isContinuous && mine.has(key)) {
        if (!this.#held) run.release()
        continue
      }
      run.end()
      this.#runs.delete(key)
      this.#committer.forget(run.place)
      this.#fetches.forget(run)
    }
    const added = partitions.filter(place => !this.#runs.has(keyOf(place)))
    void this.#begin(added, assignment)
  }

  /** Begins with partitions that are new here, once it is known where. */
  async #begin(places: readonly TopicPartition[], assignment: number): Promise<void> {
    if (places.length === 0) {
      this.#fetches.start()
      return this.#whenAssigned?.()
    }
    const isLate = () => this.#assignment !== assignment || this.#stopped.signal.aborted
    for (let attempt = 1; !isLate(); attempt++) {
      try {
        const { starts, nowhere } = await this.#starts.find(this.#member, places)
        if (isLate()) return
        for (const start of starts) {
          this.#committer.begin(start, start.committed)
          this.#open(start)
        }
        if (nowhere.length > 0) this.#noOffset(nowhere.map(keyOf))
        this.#parts.link.works(`${this.#parts.name} offsets`)
        this.#whenAssigned?.()
        this.#fetches.start()
        // Where a group begins is settled from now on, also if nothing is ever read here.
        if (starts.some(({ committed }) => committed === undefined)) void this.#commit()
        return
      } catch (error) {
        this.#failed(error, 'offsets')
        const { retryBackoffMs, retryBackoffMaxMs } = this.#parts
        const ms = backOff(attempt, retryBackoffMs, retryBackoffMaxMs, Math.random)
        await sleep(this.#parts.entry.clock, ms, this.#stopped.signal)
      }
    }
  }

  #open(start: PartitionOffset): void {
    const { entry, exchanges, run: rules, failed } = this.#parts
    const place = { topic: start.topic, partition: start.partition }
    const maker = new ExchangeMaker(entry, exchanges, place, (at, next) => this.#committer.manual(at, next))
    const owner = {
      hungry: () => this.#fetches.start(),
      idle: () => {
        if (this.#idle !== undefined && this.#inFlight() === 0) this.#idle()
      },
      stopped: (error: unknown) => this.#parts.onStop(error),
    }
    const run = new PartitionRun(place, start.offset, { entry, rules, maker, failed, owner })
    if (this.#held) run.hold()
    this.#runs.set(keyOf(place), run)
  }

  async #outOfRange(run: PartitionRun): Promise<void> {
    const at = { ...run.place, offset: run.nextFetch }
    const offset = await this.#starts.outOfRange(this.#member, at)
    const key = keyOf(run.place)
    if (this.#runs.get(key) !== run || offset === at.offset) return
    run.end()
    this.#runs.delete(key)
    if (offset === undefined) return this.#noOffset([`${key}@${at.offset}`])
    const { log } = this.#parts.entry
    log.warn(`${key}@${at.offset} is not in the topic any more: records were lost, and it goes on at ${offset}`)
    this.#open({ ...at, offset })
  }

  #noOffset(keys: readonly string[]): void {
    const help = 'set autoOffsetReset to earliest or latest, or reset the offsets of the group'
    const what = `nothing says where to begin with ${keys.join(', ')}, and autoOffsetReset is none`
    this.#parts.entry.reportError(new DromedaryError('DROMEDARY_KAFKA_OFFSET', `${what}: ${help}`), 'reading from Kafka')
  }

  #inFlight(): number {
    let inFlight = 0
    for (const run of this.#runs.values()) inFlight += run.inFlight
    return inFlight
  }

  #positions(): PartitionOffset[] {
    return [...this.#runs.values()].map(run => ({ ...run.place, offset: BigInt(run.position) }))
  }

  #commit(): Promise<void> {
    return this.#parts.autoCommit ? this.#committer.commit() : Promise.resolve()
  }

  async #commitRegularly(): Promise<void> {
    const { entry, autoCommitIntervalMs } = this.#parts
    while (await sleep(entry.clock, autoCommitIntervalMs, this.#stopped.signal)) await this.#commit()
  }
}
