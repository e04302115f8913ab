import { type RouteEntry, sleep } from '@dromedary/core/component'
import type { FetchLimits, KafkaClient, MemberSettings, PortMember } from '../client/port.ts'
import { AssignedPartitions } from './assigned-partitions.ts'
import { Committer } from './committer.ts'
import type { ExchangeRules } from './exchange-maker.ts'
import type { FailedRecords } from './failed-records.ts'
import { FetchLoops } from './fetch-loops.ts'
import type { Link } from './link.ts'
import { Membership } from './membership.ts'
import type { RunRules } from './partition-run.ts'
import { type Start, StartOffsets, type StartRules } from './start-offsets.ts'
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

/** Of the session time-out, so much may be waited for exchanges when partitions move: a member must be heard of in time. */
const DRAIN_SHARE = 0.5

/** One member of the group: joins and joins again, and runs the partitions that are its own. */
export class GroupReader {
  readonly #parts: ReaderParts
  readonly #member: PortMember
  readonly #membership: Membership
  readonly #partitions: AssignedPartitions
  readonly #committer: Committer
  readonly #fetches: FetchLoops
  readonly #stopped = new AbortController()
  #held = false
  #idle: (() => void) | undefined
  #whenBegun: (() => void) | undefined

  constructor(parts: ReaderParts) {
    const { client, entry } = parts
    const starts = new StartOffsets(parts.start)
    this.#parts = parts
    this.#member = client.member({
      ...parts.group,
      events: {
        rebalancing: () => void this.#commit(),
        beforeRejoin: () => this.#drain(),
        assigned: (partitions, isContinuous) => this.#partitions.assign(partitions, isContinuous),
        lost: error => this.#lost(error),
      },
    })
    this.#membership = new Membership({
      ...parts,
      clock: entry.clock,
      log: entry.log,
      member: this.#member,
      onTopics: topics => starts.knows(topics),
      onVain: () => this.#whenBegun?.(),
    })
    this.#partitions = new AssignedPartitions({
      ...parts,
      member: this.#member,
      starts,
      signal: this.#stopped.signal,
      commit: (place, next) => this.#committer.manual(place, next),
      onBegun: begun => this.#begun(begun),
      onFailed: error => this.#membership.failed(error, 'offsets'),
      onGone: run => {
        this.#committer.forget(run.place)
        this.#fetches.forget(run)
      },
      onHungry: () => this.#fetch(),
      onIdle: () => this.#idle?.(),
    })
    this.#committer = new Committer({
      entry,
      positions: () => this.#partitions.positions,
      commit: offsets => this.#member.commit(offsets),
      kindOf: client.kindOf,
      explain: client.explain,
    })
    this.#fetches = new FetchLoops({
      ...parts,
      clock: entry.clock,
      member: this.#member,
      runs: this.#partitions.runs,
      outOfRange: run => this.#partitions.outOfRange(run),
    })
  }

  /** Begins. Resolves when it has partitions or a first try has failed; goes on in the background. */
  start(): Promise<void> {
    const begun = new Promise<void>(resolve => {
      this.#whenBegun = resolve
    })
    void this.#membership.run(this.#stopped.signal)
    if (this.#parts.autoCommit) void this.#commitRegularly()
    return begun
  }

  /** Lets nothing in. */
  hold(): void {
    this.#held = true
    this.#partitions.hold()
    this.#fetches.stop()
  }

  release(): void {
    this.#held = false
    this.#partitions.release()
    this.#fetch()
  }

  /** Commits what is done, if that takes no longer than it may, and leaves the group. */
  async close(commitTimeoutMs: number): Promise<void> {
    this.hold()
    this.#stopped.abort()
    const done = new AbortController()
    const committed = this.#commit().then(() => done.abort())
    await Promise.race([committed, sleep(this.#parts.entry.clock, commitTimeoutMs, done.signal)])
    done.abort()
    this.#partitions.end()
    await this.#member.close()
  }

  #begun(starts: readonly Start[]): void {
    for (const start of starts) this.#committer.begin(start, start.committed)
    if (starts.length > 0) this.#parts.link.works(`${this.#parts.name} offsets`)
    this.#whenBegun?.()
    this.#fetch()
    // Where a group begins is settled from now on, also if nothing is ever read here.
    if (starts.some(({ committed }) => committed === undefined)) void this.#commit()
  }

  /** Others may have its partitions by now: nothing more enters before it has joined again. */
  #lost(error: unknown): void {
    this.#partitions.pause()
    this.#membership.lost(error)
  }

  /** Lets the exchanges under way end, and commits them, before the partitions may move. */
  async #drain(): Promise<void> {
    if (this.#partitions.runs.size === 0) return
    this.#partitions.pause()
    if (this.#partitions.inFlight > 0) {
      const idle = new AbortController()
      this.#idle = () => idle.abort()
      const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#parts.group
      const atMost = Math.min(sessionTimeoutMs, rebalanceTimeoutMs) * DRAIN_SHARE
      await sleep(this.#parts.entry.clock, atMost, AbortSignal.any([idle.signal, this.#stopped.signal]))
    }
    await this.#commit()
  }

  #fetch(): void {
    if (!this.#held) this.#fetches.start()
  }

  #commit(): Promise<void> {
    return this.#parts.autoCommit ? this.#committer.commit() : Promise.resolve()
  }

  async #commitRegularly(): Promise<void> {
    const { entry, autoCommitIntervalMs } = this.#parts
    while (await sleep(entry.clock, autoCommitIntervalMs, this.#stopped.signal)) await this.#commit()
  }
}
