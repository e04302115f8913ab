import type { Campaign, ClusterService, ClusterState, Leadership } from '@dromedary/core/cluster'
import { expect } from 'vitest'
import type { ClusterFixture } from './fixture.ts'

/** One campaign, and everything that it said. */
export class Seat {
  readonly member: ClusterService
  readonly campaign: Campaign
  /** Each leadership, oldest first. */
  readonly leaderships: Leadership[] = []
  /** Each emission: a term, or undefined. */
  readonly emitted: (bigint | undefined)[] = []
  completed = false
  errors: unknown[] = []

  constructor(member: ClusterService, campaign: Campaign, drains: boolean) {
    this.member = member
    this.campaign = campaign
    campaign.leadership.subscribe({
      next: leadership => {
        this.emitted.push(leadership?.term)
        if (!leadership || this.leaderships.includes(leadership)) return
        this.leaderships.push(leadership)
        if (!drains) return
        if (leadership.closing.aborted) leadership.drained()
        else leadership.closing.addEventListener('abort', () => leadership.drained(), { once: true })
      },
      error: error => void this.errors.push(error),
      complete: () => {
        this.completed = true
      },
    })
  }

  /** The newest leadership. */
  get newest(): Leadership | undefined {
    return this.leaderships.at(-1)
  }

  get leads(): boolean {
    return this.newest?.accepts() ?? false
  }

  leave(): Promise<void> {
    return Promise.resolve(this.campaign[Symbol.asyncDispose]())
  }
}

/** What the cases work with: members, seats, time that passes under watch. */
export class World {
  readonly fixture: ClusterFixture
  readonly seats: Seat[] = []
  readonly #seen = new Map<string, Set<bigint>>()

  constructor(fixture: ClusterFixture) {
    this.fixture = fixture
  }

  async member(id?: string): Promise<ClusterService> {
    const member = this.fixture.member(id === undefined ? {} : { id })
    await this.settled(member.start())
    return member
  }

  async members(count: number): Promise<ClusterService[]> {
    const members: ClusterService[] = []
    for (let at = 0; at < count; at++) members.push(await this.member())
    return members
  }

  /** `drains` false: the case says drained() itself. */
  join(member: ClusterService, options: { namespace?: string; participant?: string; drains?: boolean } = {}): Seat {
    const { namespace = 'ns', participant = 'route', drains = true } = options
    const seat = new Seat(member, member.campaign(namespace, { participant }), drains)
    this.seats.push(seat)
    return seat
  }

  /** A seat that leads, on a member of its own. */
  async leader(options: Parameters<World['join']>[1] = {}): Promise<Seat> {
    const seat = this.join(await this.member(), options)
    await this.until('it leads', () => seat.leads, this.fixture.timing.takeoverMs)
    return seat
  }

  /** Lets time pass until it holds; fails when it does not within `ms`. */
  async until(what: string, holds: () => boolean, ms: number): Promise<void> {
    const step = this.fixture.stepMs ?? 10
    for (let passed = 0; !holds(); passed += step) {
      if (passed > ms) expect.fail(`not within ${ms} ms: ${what}`)
      await this.pass(step)
    }
    this.check()
  }

  /** Lets time pass in small steps; fails when two members are valid at once. */
  async pass(ms: number): Promise<void> {
    const step = this.fixture.stepMs ?? 10
    for (let left = ms; left > 0; left -= step) {
      await this.fixture.advance(Math.min(step, left))
      this.check()
    }
  }

  /** Waits for a promise while time passes. */
  async settled<T>(promise: Promise<T>, ms = 120_000): Promise<T> {
    let done = false
    const finished = promise.finally(() => {
      done = true
    })
    finished.catch(() => {})
    await this.fixture.advance(0)
    if (!done) await this.until('the call has returned', () => done, ms)
    return finished
  }

  /** I1, and no term has two holders. */
  check(): void {
    const valid = new Map<string, ClusterService>()
    for (const seat of this.seats) {
      for (const leadership of seat.leaderships) {
        this.#own(leadership, seat.member)
        if (!leadership.isValid()) continue
        const other = valid.get(leadership.namespace)
        if (other && other !== seat.member) {
          expect.fail(`${other.self.id} and ${seat.member.self.id} are both valid in ${leadership.namespace}`)
        }
        valid.set(leadership.namespace, seat.member)
      }
    }
  }

  #own(leadership: Leadership, member: ClusterService): void {
    const key = `${leadership.namespace}/${member.self.id}/${member.self.incarnation}`
    const mine = this.#seen.get(key) ?? new Set()
    this.#seen.set(key, mine.add(leadership.term))
    for (const [other, terms] of this.#seen) {
      if (other !== key && other.startsWith(`${leadership.namespace}/`) && terms.has(leadership.term)) {
        expect.fail(`term ${leadership.term} was given to ${key} and to ${other}`)
      }
    }
  }
}

/** The states that `observe` gave, newest last. */
export function record(
  member: ClusterService,
  namespace = 'ns',
): { states: ClusterState[]; completed: boolean; errors: unknown[] } {
  const seen = { states: [] as ClusterState[], completed: false, errors: [] as unknown[] }
  member.observe(namespace).subscribe({
    next: state => void seen.states.push(state),
    error: error => void seen.errors.push(error),
    complete: () => {
      seen.completed = true
    },
  })
  return seen
}
