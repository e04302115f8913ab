import type { Campaign, ClusterService, Leadership, LossReason } from '@dromedary/core/cluster'
import { type Consumer, defineComponent, type Exchange, type RouteEntry } from '@dromedary/core/component'
import { FakeClock, type FakeRouteEntry, fakeRoute } from '@dromedary/testing'
import { BehaviorSubject } from 'rxjs'
import { type MasterOptions, master } from '../src/index.ts'

/** A leadership that the test moves by hand, in the order that the contract prescribes. */
export class ScriptedLeadership implements Leadership {
  readonly namespace = 'ns'
  readonly term: bigint
  readonly #closing = new AbortController()
  readonly #ended = new AbortController()
  readonly closing = this.#closing.signal
  readonly ended = this.#ended.signal
  drainedCalls = 0
  readonly resigned: string[] = []
  /** Called by {@link drained}. */
  onDrained = () => {}
  /** What {@link remainingMs} says until it ended. */
  budget = 4_500

  constructor(term: bigint) {
    this.term = term
  }

  accepts(): boolean {
    return !this.closing.aborted
  }

  isValid(): boolean {
    return !this.ended.aborted
  }

  remainingMs(): number {
    return this.ended.aborted ? 0 : this.budget
  }

  drained(): void {
    this.drainedCalls++
    this.onDrained()
  }

  async renewed(): Promise<boolean> {
    return this.isValid()
  }

  resign(reason: string): void {
    this.resigned.push(reason)
    this.close('resigned')
  }

  close(reason: LossReason = 'renewal-failed'): void {
    this.#closing.abort(reason)
  }

  end(reason: LossReason = 'renewal-failed'): void {
    this.close(reason)
    this.#ended.abort(reason)
  }
}

/** A cluster service whose leaderships come from the test. */
export class ScriptedCluster implements ClusterService {
  readonly id = 'scripted'
  readonly self = { id: 'me', incarnation: 'one' }
  readonly leaderships: ScriptedLeadership[] = []
  campaigns = 0
  withdrawn = 0
  /** Withdrawing alone closes nothing; the contract asks for it before the promise resolves. */
  withdrawsLate = false
  #subject = new BehaviorSubject<Leadership | undefined>(undefined)

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  observe(): never {
    throw new Error('master: has no need to observe')
  }

  campaign(namespace: string): Campaign {
    this.campaigns++
    const subject = new BehaviorSubject<Leadership | undefined>(undefined)
    this.#subject = subject
    return {
      namespace,
      leadership: subject,
      [Symbol.asyncDispose]: async () => {
        this.withdrawn++
        if (!this.withdrawsLate) this.newest?.close('stopped')
        subject.complete()
      },
    }
  }

  get newest(): ScriptedLeadership | undefined {
    return this.leaderships.at(-1)
  }

  /** A new term; the one before ends first, if the test did not end it. */
  grant(): ScriptedLeadership {
    this.newest?.end('taken')
    const leadership = new ScriptedLeadership(BigInt(this.leaderships.length + 1))
    this.leaderships.push(leadership)
    this.#subject.next(undefined)
    this.#subject.next(leadership)
    return leadership
  }

  /** Says the same leadership once more. */
  repeat(): void {
    this.#subject.next(this.newest)
  }
}

/** One consumer of the `probe:` delegate, and what was called on it. */
export class ProbeConsumer implements Consumer {
  readonly entry: RouteEntry
  readonly calls: string[] = []
  signal: AbortSignal | undefined
  readonly #probe: Probe
  #release: ((error?: unknown) => void) | undefined

  constructor(probe: Probe, entry: RouteEntry) {
    this.#probe = probe
    this.entry = entry
    probe.consumers.push(this)
  }

  start(signal: AbortSignal): void | Promise<void> {
    this.calls.push('start')
    this.signal = signal
    this.#probe.onStart(this)
    if (this.#probe.starts === 'fail') throw new Error('broker not there')
    if (this.#probe.starts === 'slowly') return this.#pending()
  }

  quiesce(): void | Promise<void> {
    this.calls.push('quiesce')
    if (this.#probe.quiesces === 'slowly') return this.#pending()
  }

  close(forced: boolean): void | Promise<void> {
    this.calls.push(`close ${forced}`)
    if (this.#probe.closes === 'slowly') return this.#pending()
    this.#release = undefined
  }

  get started(): boolean {
    return this.calls.includes('start')
  }

  get alive(): boolean {
    return this.started && !this.calls.some(call => call.startsWith('close'))
  }

  /** Ends the slow call that is under way, with an error if one is given. */
  release(error?: unknown): void {
    this.#release?.(error)
    this.#release = undefined
  }

  get isPending(): boolean {
    return this.#release !== undefined
  }

  send(body: unknown = 'message'): Exchange {
    const exchange = this.entry.createExchange(body)
    void this.entry.process(exchange)
    return exchange
  }

  #pending(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#release = error => (error === undefined ? resolve() : reject(error))
    })
  }
}

/** The delegate: `probe:x`. */
export class Probe {
  starts: 'at once' | 'slowly' | 'fail' = 'at once'
  quiesces: 'at once' | 'slowly' = 'at once'
  closes: 'at once' | 'slowly' = 'at once'
  /** Called as each start begins. */
  onStart: (consumer: ProbeConsumer) => void = () => {}
  readonly consumers: ProbeConsumer[] = []
  endpoints = 0
  readonly component = defineComponent({
    scheme: 'probe',
    title: 'A delegate that a test steers.',
    syntax: 'name',
    path: { name: 'Any.' },
    consumes: true,
    produces: false,
    endpoint: at => {
      this.endpoints++
      return { uri: at.uri, consumer: entry => new ProbeConsumer(this, entry) }
    },
  })

  get newest(): ProbeConsumer {
    const newest = this.consumers.at(-1)
    if (!newest) throw new Error('no consumer was made')
    return newest
  }

  get alive(): ProbeConsumer[] {
    return this.consumers.filter(consumer => consumer.alive)
  }
}

/** Exchanges that run until the test lets them go. */
export class Work {
  readonly running: { exchange: Exchange; finish: () => void }[] = []

  run = (exchange: Exchange): Promise<void> =>
    new Promise(resolve => {
      const one = {
        exchange,
        finish: () => {
          this.running.splice(this.running.indexOf(one), 1)
          resolve()
        },
      }
      this.running.push(one)
    })

  finishAll(): void {
    for (const one of [...this.running]) one.finish()
  }
}

export interface Bench {
  readonly clock: FakeClock
  readonly cluster: ScriptedCluster
  readonly probe: Probe
  readonly work: Work
  readonly route: FakeRouteEntry
  readonly consumer: Consumer
}

/** A `master:ns:probe:x` consumer that has started, with everything around it steered by the test. */
export async function bench(options: MasterOptions = {}): Promise<Bench> {
  const clock = new FakeClock()
  const cluster = new ScriptedCluster()
  const probe = new Probe()
  const work = new Work()
  const route = fakeRoute({ clock, cluster, components: [probe.component], route: work.run })
  const consumer = route.consumer(master(options), 'master:ns:probe:x')
  await consumer.start(new AbortController().signal)
  return { clock, cluster, probe, work, route, consumer }
}
