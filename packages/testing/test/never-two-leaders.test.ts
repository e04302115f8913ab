import type { Campaign, Leadership } from '@dromedary/core/cluster'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeClock, type MemoryCluster, type MemoryMember, memoryCluster } from '../src/index.ts'

interface Seat {
  readonly member: MemoryMember
  readonly leaderships: Leadership[]
  campaign: Campaign
}

class World {
  readonly clock = new FakeClock()
  readonly cluster: MemoryCluster
  readonly seats: Seat[] = []
  readonly broken: string[] = []

  constructor(leaseMs: number, rates: readonly number[]) {
    this.cluster = memoryCluster({ clock: this.clock, leaseMs, retryMs: leaseMs / 8, drainMs: leaseMs })
    for (const [at, rate] of rates.entries()) {
      const member = this.cluster.member({ rate, wallOffset: (at - 1) * 40_000, monotonicOffset: at * 1e6 })
      void member.start()
      this.seats.push({ member, leaderships: [], campaign: this.join(member, []) })
    }
    for (const seat of this.seats) this.again(seat)
  }

  join(member: MemoryMember, leaderships: Leadership[]): Campaign {
    const campaign = member.campaign('ns', { participant: 'route' })
    campaign.leadership.subscribe(leadership => {
      if (!leadership) return
      leaderships.push(leadership)
      // Every other term is drained late.
      const done = () => void member.clock.setTimeout(() => leadership.drained(), leaderships.length % 2 ? 0 : 3_000)
      if (leadership.closing.aborted) done()
      else leadership.closing.addEventListener('abort', done)
    })
    return campaign
  }

  again(seat: Seat): void {
    void seat.campaign[Symbol.asyncDispose]()
    seat.campaign = this.join(seat.member, seat.leaderships)
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 50) {
      await this.clock.advance(50)
      this.check()
    }
  }

  /** I1, asked of all members at the same instant. */
  check(): void {
    const valid = this.seats.filter(seat => seat.leaderships.some(leadership => leadership.isValid()))
    if (valid.length > 1) this.broken.push(`valid at once: ${valid.map(seat => seat.member.self.id).join()}`)
  }

  /** I4: once nothing is broken any more, somebody leads again. */
  async heal(): Promise<void> {
    for (const { member } of this.seats) {
      Object.assign(member.faults, { cutOff: false, delayMs: 0, refuse: false })
      member.clock.thaw()
    }
    await this.pass(30_000)
    const leaders = this.seats.filter(seat => seat.leaderships.at(-1)?.accepts())
    if (leaders.length !== 1) this.broken.push(`${leaders.length} leaders after everything was healed`)
  }

  /** I7, over all members in the order of the grants. */
  terms(): bigint[] {
    return this.cluster.events.filter(event => event.type === 'granted').map(event => event.term)
  }
}

const actions = {
  wait: (world: World) => world.pass(1_000),
  waitLong: (world: World) => world.pass(12_000),
  freeze: (_: World, { member }: Seat) => member.clock.freeze(),
  thaw: (_: World, { member }: Seat) => member.clock.thaw(),
  cutOff: (_: World, { member }: Seat) => void Object.assign(member.faults, { cutOff: true }),
  heal: (_: World, { member }: Seat) => void Object.assign(member.faults, { cutOff: false, delayMs: 0, refuse: false }),
  refuse: (_: World, { member }: Seat) => void Object.assign(member.faults, { refuse: true }),
  delay: (_: World, { member }: Seat) => void Object.assign(member.faults, { delayMs: 800 }),
  loseAnswer: (_: World, { member }: Seat) => void Object.assign(member.faults, { loseWriteAnswers: 1 }),
  stepWall: (_: World, { member }: Seat) => member.clock.stepWall(90_000),
  stepWallBack: (_: World, { member }: Seat) => member.clock.stepWall(-90_000),
  pauseAll: ({ clock }: World) => clock.pause(3_000),
  resign: (_: World, { leaderships }: Seat) => leaderships.at(-1)?.resign('generated'),
  leaveAndJoin: (world: World, seat: Seat) => world.again(seat),
  deleteRecord: ({ cluster }: World) => cluster.store.tamper('ns', undefined),
  emptyRecord({ cluster }: World) {
    const stored = cluster.store.peek('ns')
    if (stored) cluster.store.tamper('ns', { ...stored.record, holder: '', incarnation: '' })
  },
}
type Action = keyof typeof actions

describe('I1 and I7 on the in-memory cluster', () => {
  it('no two members are valid at the same instant and terms strictly grow, whatever happens', async () => {
    const steps = fc.array(fc.tuple(fc.constantFrom(...(Object.keys(actions) as Action[])), fc.nat(2)), {
      maxLength: 30,
    })
    let grants = 0
    await fc.assert(
      fc.asyncProperty(steps, async sequence => {
        const world = new World(4_000, [0.995, 1, 1.005])
        await world.pass(1_000)
        for (const [name, at] of sequence) {
          await actions[name](world, world.seats[at] as Seat)
          world.check()
        }
        await world.pass(8_000)
        await world.heal()
        expect(world.broken).toEqual([])
        const terms = world.terms()
        expect(terms).toEqual([...new Set(terms)].sort((a, b) => (a < b ? -1 : 1)))
        grants += terms.length
        for (const { member } of world.seats) member.kill()
      }),
      { numRuns: 100, seed: 20260102 },
    )
    expect(grants).toBeGreaterThan(150)
  }, 60_000)
})
