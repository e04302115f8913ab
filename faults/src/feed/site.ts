import { setTimeout as wait } from 'node:timers/promises'
import type { KafkaServer } from '@dromedary/test-servers/kafka'
import type { TcpProxy } from '@dromedary/test-servers/proxy'
import { type Simulator, type SimulatorOptions, startSimulator } from 'feed-to-kafka/simulator'
import type { Member } from '../launch.ts'
import { type CommitEvent, type FaultEvent, type Millis, monotonic } from '../log/events.ts'
import type { Leader, MemberOptions, Stage } from '../stage.ts'
import { sharedBroker } from './broker.ts'
import { FeedClock } from './feed-clock.ts'
import { endHanging, HANGING_MINUTES } from './hanging.ts'
import { type FeedSettings, PATIENCE_MS, QUICK_GIVE_UP_MS, QUICK_INTERVAL_MS, QUICK_RATE, RATE } from './settings.ts'
import { Visibility } from './visibility.ts'

/** Above what the tool needs to take a transaction for hanging. */
export const STUCK_MS = (HANGING_MINUTES + 0.5) * 60_000

/** A client asks at once, but the machine may be busy. */
const REQUEST_MS = 5_000

/** Of the topic. The first one is watched for gaps. */
export const PARTITIONS = 3

export interface SiteOptions {
  readonly feed?: Omit<SimulatorOptions, 'clock' | 'log'>
  /** Default: the one that all stages share. */
  readonly broker?: KafkaServer
  /** For all members. */
  readonly settings?: Partial<FeedSettings>
  /** What its members do, a module (URL). Default: the route of the example. */
  readonly work?: string
  /** Each member reaches the broker through a proxy of its own. Default false. */
  readonly proxied?: boolean
}

/** A feed, topics, and members that bring the one into the other. */
export class Site {
  readonly stage: Stage
  readonly broker: KafkaServer
  readonly feed: Simulator
  readonly topic: string
  readonly deadLetters: string
  /** The topic of positions of all its members. */
  readonly positions: string
  /** When what of the topic could be seen. */
  readonly visibility: Visibility
  /** Messages a second. */
  readonly rate: number
  readonly #clock: FeedClock
  readonly #settings: Partial<FeedSettings>
  readonly #proxied: boolean
  readonly #work: string
  readonly #proxies = new Map<Member, TcpProxy>()

  private constructor(
    stage: Stage,
    parts: Pick<Site, 'broker' | 'feed' | 'topic' | 'deadLetters' | 'rate'>,
    clock: FeedClock,
    options: SiteOptions,
  ) {
    this.stage = stage
    this.broker = parts.broker
    this.feed = parts.feed
    this.topic = parts.topic
    this.deadLetters = parts.deadLetters
    this.rate = parts.rate
    this.positions = this.broker.name('positions')
    this.visibility = new Visibility(this.broker, this.topic)
    this.#clock = clock
    this.#proxied = options.proxied ?? false
    this.#work = options.work ?? WORK
    this.#settings = {
      brokers: this.broker.brokers,
      tcpPort: this.feed.tcpPort,
      wsPort: this.feed.wsPort,
      topic: this.topic,
      deadLetters: this.deadLetters,
      positions: this.positions,
      scope: this.broker.name('scope'),
      ...(stage.quick && { intervalMs: QUICK_INTERVAL_MS, giveUpMs: QUICK_GIVE_UP_MS }),
      ...options.settings,
    }
  }

  static async open(stage: Stage, options: SiteOptions = {}): Promise<Site> {
    const { broker = sharedBroker() } = options
    const topic = await broker.topic({ prefix: 'prices', partitions: PARTITIONS })
    const deadLetters = await broker.topic({ prefix: 'dead' })
    const clock = new FeedClock()
    const rate = stage.quick ? QUICK_RATE : RATE
    const seed = Math.floor(2 ** 31 * stage.random())
    const log = (line: string) => stage.note(`feed: ${line}`)
    const feed = await startSimulator({ rate, seed, requestMs: REQUEST_MS, ...options.feed, clock, log })
    stage.owned.use(feed)
    const { rate: own = rate } = options.feed ?? {}
    const site = new Site(stage, { broker, feed, topic, deadLetters, rate: own === 'max' ? 0 : own }, clock, options)
    stage.owned.use(site.visibility)
    return site
  }

  /** Starts a member and waits until it leads or is ready to. */
  async start(options: MemberOptions = {}): Promise<Member> {
    const proxy = this.#proxied ? await this.broker.proxy() : undefined
    if (proxy) this.stage.owned.use(proxy)
    const settings = { ...this.#settings, ...(proxy && { brokers: proxy.address }), ...options.settings }
    const member = await this.stage.start({ ...options, mode: 'work', work: this.#work, settings })
    if (proxy) {
      this.#proxies.set(member, proxy)
      // There are few of them, and members come and go.
      void member.process.exited.then(() => proxy[Symbol.asyncDispose]())
    }
    if (!options.waits) await this.ready(member)
    return member
  }

  /** Waits until it leads or may. */
  async ready(member: Member, withinMs = PATIENCE_MS): Promise<FaultEvent> {
    const fits = (event: FaultEvent) =>
      event.kind === 'note' && [`${member.name} is standby-ready`, `${member.name} is leading`].includes(event.text)
    return this.stage.until(`${member.name} is ready`, fits, withinMs)
  }

  startAll(count: number, options: MemberOptions = {}): Promise<Member[]> {
    return Promise.all(Array.from({ length: count }, () => this.start(options)))
  }

  /** The way of a member to the broker. */
  proxyOf(member: Member): TcpProxy {
    const proxy = this.#proxies.get(member)
    if (!proxy) throw new Error(`${member.name} has no proxy`)
    return proxy
  }

  /** Whoever leads and has committed something of the feed in this term. */
  async working(): Promise<Leader> {
    let since = monotonic()
    for (;;) {
      if (monotonic() - since > STUCK_MS) {
        if (!(await this.unstick())) throw new Error(`nobody has committed anything for ${STUCK_MS} ms`)
        since = monotonic()
      }
      const leader = await this.stage.leader(PATIENCE_MS)
      const { term, member } = leader
      const fits = (event: FaultEvent) =>
        (isData(event) && event.term === term) ||
        (event.kind === 'ended' && event.term === term) ||
        (event.kind === 'kill' && event.member === member.name)
      const { kind } = await this.stage.until(`${member.name} commits something`, fits, PATIENCE_MS, this.#begin(term))
      if (kind === 'commit') return leader
    }
  }

  /** Nothing is committed any more: whether that was the broker's own fault, which is cured then, and told. */
  async unstick(): Promise<boolean> {
    const found = await endHanging(this.broker, this.positions)
    for (const { topic, partition, startOffset, aborted } of found) {
      const how = aborted
        ? 'the broker lost its end, kafka-transactions abort ended it'
        : 'it was open for more than a minute, and ended by itself'
      this.stage.figures.push(`a transaction begun at offset ${startOffset} of ${topic}-${partition}: ${how}`)
    }
    return found.length > 0
  }

  /** The first to lead after the mark that is not `before`. */
  next(before: Member, mark: number): Promise<Leader> {
    return this.stage.nextLeader(`another leads after ${before.name}`, PATIENCE_MS, mark, undefined, before)
  }

  /** The first commit after the mark that brings the position further, of this member or of any. */
  commit(mark: number, member?: Member, withinMs = PATIENCE_MS): Promise<CommitEvent> {
    const fits = (event: FaultEvent) => isData(event) && (!member || event.member === member.name)
    return this.stage.until<CommitEvent>(`${member?.name ?? 'somebody'} commits something`, fits, withinMs, mark)
  }

  /**
   * The feed ends: waits until everything that it has is committed, and says how much that is. What outages have kept back
   * takes its time, as long as it goes on.
   */
  async settled(): Promise<number> {
    this.#clock.stop()
    const last = this.feed.stats.head
    const isLast = (event: FaultEvent) => event.kind === 'commit' && Number(event.position) === last
    for (;;) {
      const { length } = this.stage.events
      try {
        await this.stage.until(`message ${last} is committed`, isLast, 2 * PATIENCE_MS)
        return last
      } catch (error) {
        if (!this.stage.events.slice(length).some(isData)) throw error
      }
    }
  }

  /** Members whose processes have not ended. */
  get running(): Member[] {
    return this.stage.members.filter(member => member.process.running)
  }

  /** For a time in between. */
  readonly pause = async (least: Millis, most: Millis): Promise<void> => {
    await wait(least + (most - least) * this.stage.random())
  }

  /** Where in the log a term began. */
  #begin(term: string): number {
    return Math.max(
      0,
      this.stage.events.findIndex(event => event.kind === 'lease' && event.term === term),
    )
  }
}

const isData = (event: FaultEvent): event is CommitEvent => event.kind === 'commit' && event.number > 0

const WORK = new URL('./member.ts', import.meta.url).href
