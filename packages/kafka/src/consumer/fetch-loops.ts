import { type Clock, DromedaryError, sleep } from '@dromedary/core/component'
import { backOff } from '../client/back-off.ts'
import type { FetchLimits, KafkaClient, PortMember } from '../client/port.ts'
import { keyOf } from './keys.ts'
import type { Link } from './link.ts'
import type { PartitionRun } from './partition-run.ts'

export interface FetchParts {
  readonly name: string
  readonly member: PortMember
  readonly client: KafkaClient
  readonly clock: Clock
  readonly limits: FetchLimits
  readonly link: Link
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  /** What is assigned now. */
  readonly runs: ReadonlyMap<string, PartitionRun>
  /** Its offset is not in the partition. */
  readonly outOfRange: (run: PartitionRun) => Promise<void>
}

/** How long a broker may wait, at first, while a partition that is left out may get hungry again. */
const SHORT_WAIT_MS = 20

/** Fetches for the runs that want more: one request per node at a time, for all of them that it leads. */
export class FetchLoops {
  readonly #parts: FetchParts
  readonly #busy = new Set<number>()
  /** Runs whose partition fails by itself: left out until then, monotonic. */
  readonly #resting = new WeakMap<PartitionRun, number>()
  #stop = new AbortController()
  #isLooking = false
  #lookAgain = false
  #attempt = 0
  #shortWait = SHORT_WAIT_MS

  constructor(parts: FetchParts) {
    this.#parts = parts
    this.#stop.abort()
  }

  /** Some run wants more, or was added. */
  start(): void {
    if (this.#stop.signal.aborted) this.#stop = new AbortController()
    if (this.#isLooking) this.#lookAgain = true
    else void this.#look()
  }

  /** What is under way still comes, and waits in its run. */
  stop(): void {
    this.#stop.abort()
  }

  /** It is not read here any more. */
  forget(run: PartitionRun): void {
    if (this.#resting.delete(run)) this.#parts.link.drop(this.#name(keyOf(run.place)))
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    do {
      this.#lookAgain = false
      const hungry = this.#hungry()
      if (hungry.length === 0) break
      try {
        const nodes = await this.#parts.member.nodesOf(hungry.map(run => run.place))
        if (this.#stop.signal.aborted) break
        const led = new Set<string>()
        for (const [node, places] of nodes) {
          for (const place of places) led.add(keyOf(place))
          if (!this.#busy.has(node)) void this.#loop(node, places.map(keyOf))
        }
        const leaderless = hungry.find(run => !led.has(keyOf(run.place)))
        if (leaderless) throw new Error(`${keyOf(leaderless.place)} has no leader now`)
        this.#parts.link.works(this.#name('metadata'))
        this.#attempt = 0
      } catch (error) {
        await this.#failed('metadata', error)
        this.#lookAgain = true
      }
    } while (this.#lookAgain && !this.#stop.signal.aborted)
    this.#isLooking = false
  }

  /** One fetch of a node; who leads what, and who wants more, is looked at anew after it. */
  async #loop(node: number, keys: readonly string[]): Promise<void> {
    this.#busy.add(node)
    try {
      const runs = keys.flatMap(key => this.#parts.runs.get(key) ?? [])
      await this.#fetch(node, runs)
    } finally {
      this.#busy.delete(node)
    }
    if (!this.#stop.signal.aborted) this.start()
  }

  async #fetch(node: number, runs: readonly PartitionRun[]): Promise<void> {
    const { member, link } = this.#parts
    try {
      const fetched = await member.fetch(node, runs.map(fromOf), this.#limits())
      link.works(this.#name(`node ${node}`))
      this.#attempt = 0
      for (const one of fetched) this.#feed(runs, one)
      if (fetched.length === 0 && this.#shortWait < this.#parts.limits.maxWaitMs) this.#shortWait *= 2
    } catch (error) {
      const kind = this.#parts.client.kindOf(error)
      if (kind === 'retriable' || runs.length === 0) await this.#failed(`node ${node}`, error)
      else if (runs.length > 1) await this.#oneByOne(node, runs)
      else if (runs[0]) await this.#single(runs[0], error)
    }
  }

  /** One partition fails them all: finds it, so that the others go on. */
  async #oneByOne(node: number, runs: readonly PartitionRun[]): Promise<void> {
    for (const run of runs) {
      if (this.#stop.signal.aborted || !run.isHungry) return
      await this.#fetch(node, [run])
    }
  }

  async #single(run: PartitionRun, error: unknown): Promise<void> {
    const { client, outOfRange, clock, retryBackoffMaxMs, link } = this.#parts
    try {
      if (client.kindOf(error) === 'out-of-range') return await outOfRange(run)
    } catch (failure) {
      return this.#failed('offsets', failure)
    }
    link.failed(this.#name(keyOf(run.place)), this.#readError(error))
    this.#resting.set(run, clock.monotonic() + retryBackoffMaxMs)
    void sleep(clock, retryBackoffMaxMs, this.#stop.signal).then(isOver => {
      if (isOver) this.start()
    })
  }

  async #failed(what: string, error: unknown): Promise<void> {
    const { clock, link, retryBackoffMs, retryBackoffMaxMs } = this.#parts
    link.failed(this.#name(what), this.#readError(error))
    await sleep(clock, backOff(++this.#attempt, retryBackoffMs, retryBackoffMaxMs, Math.random), this.#stop.signal)
  }

  #feed(runs: readonly PartitionRun[], fetched: Awaited<ReturnType<PortMember['fetch']>>[number]): void {
    const key = keyOf(fetched)
    const run = this.#parts.runs.get(key)
    if (run === undefined || !runs.includes(run)) return
    if (this.#resting.delete(run)) this.#parts.link.works(this.#name(key))
    run.feed(fetched)
  }

  #hungry(): PartitionRun[] {
    const now = this.#parts.clock.monotonic()
    return [...this.#parts.runs.values()].filter(run => {
      const until = this.#resting.get(run)
      return run.isHungry && (until === undefined || until <= now)
    })
  }

  /**
   * While some of the partitions are full the request is short, because they may be empty before it comes back. It gets
   * longer as long as that does not happen: a route that is stuck must not make for thousands of requests.
   */
  #limits(): FetchLimits {
    const { limits } = this.#parts
    if ([...this.#parts.runs.values()].every(run => run.isHungry)) {
      this.#shortWait = SHORT_WAIT_MS
      return limits
    }
    return { ...limits, maxWaitMs: Math.min(limits.maxWaitMs, this.#shortWait) }
  }

  #readError(error: unknown): DromedaryError {
    const why = this.#parts.client.explain(error)
    return new DromedaryError('DROMEDARY_KAFKA_READ', `cannot read from Kafka, and trying again: ${why}`, {
      cause: error,
    })
  }

  #name(what: string): string {
    return `${this.#parts.name} ${what}`
  }
}

const fromOf = (run: PartitionRun) => ({ ...run.place, offset: run.nextFetch })
