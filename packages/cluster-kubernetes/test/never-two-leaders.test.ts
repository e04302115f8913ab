import type { ClusterService, Leadership } from '@dromedary/core/cluster'
import { FakeClock, type SkewedClockOptions } from '@dromedary/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKubernetesClusterService } from '../src/index.ts'
import type { SimulatedApi } from './support/simulated-api.ts'
import { simulatedCluster } from './support/simulated-cluster.ts'

const TIMES = { leaseDuration: 4_000, renewDeadline: 2_500, retryPeriod: 500 }
const LEASE = 'dromedary-ns'
const RATES = [0.995, 1, 1.005]

/** One pod, and the process that runs in its container now. */
interface Seat {
  readonly pod: string
  readonly clock: SkewedClockOptions
  api: SimulatedApi
  member: ClusterService
  leave: () => void
  readonly leaderships: Leadership[]
}

class World {
  readonly clock = new FakeClock()
  readonly cluster = simulatedCluster({ clock: this.clock })
  readonly seats: Seat[] = []
  readonly broken: string[] = []
  readonly terms: bigint[] = []
  readonly #backups = [this.cluster.backup()]
  #random = 1

  constructor() {
    for (const [at, rate] of RATES.entries()) {
      const pod = `pod-${at}`
      this.cluster.pods.run(pod)
      const place = { pod, clock: { rate, monotonicOffset: at * 1e6 }, leaderships: [] }
      this.seats.push({ ...place, ...this.#process(pod, place.clock, place.leaderships) })
    }
  }

  #process(pod: string, clock: SkewedClockOptions, leaderships: Leadership[]): Pick<Seat, 'api' | 'member' | 'leave'> {
    const api = this.cluster.api({ member: pod, clock, connectionTimeoutMs: 800 })
    const member = createKubernetesClusterService({
      ...TIMES,
      podName: pod,
      clock: api.clock,
      random: () => this.#next(),
      startedAt: api.clock.now(),
      env: {},
      connect: async () => api,
      onLease: ({ type, term }) => void (type === 'granted' && this.terms.push(term)),
    })
    void member.start()
    return { api, member, leave: this.#join(api, member, leaderships) }
  }

  /** Looks like chance, and is the same in each run. */
  #next(): number {
    this.#random = (this.#random * 16_807) % 2_147_483_647
    return this.#random / 2_147_483_647
  }

  #join(api: SimulatedApi, member: ClusterService, leaderships: Leadership[]): () => void {
    const campaign = member.campaign('ns', { participant: 'route' })
    campaign.leadership.subscribe(leadership => {
      if (!leadership) return
      leaderships.push(leadership)
      // Every other term is drained late.
      const late = leaderships.length % 2 ? 0 : 3_000
      const done = () => void api.clock.setTimeout(() => leadership.drained(), late)
      if (leadership.closing.aborted) done()
      else leadership.closing.addEventListener('abort', done)
    })
    return () => void campaign[Symbol.asyncDispose]()
  }

  again(seat: Seat): void {
    seat.leave()
    seat.leave = this.#join(seat.api, seat.member, seat.leaderships)
  }

  /** SIGKILL; kubelet tells, and starts the container anew in the same pod. */
  restart(seat: Seat): void {
    seat.api.kill()
    seat.leaderships.length = 0
    this.cluster.pods.terminated(seat.pod, { as: 'lastState' })
    Object.assign(seat, this.#process(seat.pod, seat.clock, seat.leaderships))
  }

  backup(): void {
    this.#backups.push(this.cluster.backup())
  }

  restore(): void {
    this.cluster.restore(this.#backups.at(-1) as ReturnType<World['cluster']['backup']>)
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
    if (valid.length > 1) this.broken.push(`valid at once: ${valid.map(seat => seat.pod).join()}`)
  }

  /** I4: once nothing is broken any more, somebody leads again. */
  async heal(): Promise<void> {
    for (const { api } of this.seats) {
      api.faults.heal()
      api.clock.thaw()
    }
    await this.pass(90_000)
    const leaders = this.seats.filter(seat => seat.leaderships.at(-1)?.accepts())
    if (leaders.length !== 1) this.broken.push(`${leaders.length} leaders after everything was healed`)
  }

  end(): void {
    for (const { api } of this.seats) api.kill()
  }
}

type Act = (world: World, seat: Seat) => unknown

/** What happens to members and their way to the server. */
const trouble = {
  wait: world => world.pass(1_000),
  waitLong: world => world.pass(12_000),
  freeze: (_, { api }) => api.clock.freeze(),
  thaw: (_, { api }) => api.clock.thaw(),
  cutOff: (_, { api }) => void Object.assign(api.faults, { cutOff: true }),
  heal: (_, { api }) => api.faults.heal(),
  refuse: (_, { api }) => void Object.assign(api.faults, { refuse: true }),
  failing: (_, { api }) => void Object.assign(api.faults, { status: 503 }),
  delay: (_, { api }) => void Object.assign(api.faults, { delayMs: 700 }),
  delayAnswers: (_, { api }) => void Object.assign(api.faults, { answerDelayMs: 700 }),
  silentWatches: (_, { api }) => void Object.assign(api.faults, { silentWatches: true }),
  loseAnswer: (_, { api }) => void Object.assign(api.faults, { loseWriteAnswers: 1 }),
  stepWall: (_, { api }) => api.clock.stepWall(90_000),
  stepWallBack: (_, { api }) => api.clock.stepWall(-90_000),
  pauseAll: ({ clock }) => clock.pause(3_000),
  resign: (_, { leaderships }) => leaderships.at(-1)?.resign('generated'),
  leaveAndJoin: (world, seat) => world.again(seat),
  killAndRestart: (world, seat) => world.restart(seat),
} satisfies Record<string, Act>

/** What is said of a pod whose process runs on, and proves nothing. */
const lies = {
  failed: ({ cluster }, { pod }) => cluster.pods.setPhase(pod, 'Failed'),
  notReady: ({ cluster }, { pod }) => cluster.pods.setReady(pod, false),
  forceDeletedAndMadeAgain({ cluster }, { pod }) {
    const { containerID = '' } = cluster.pods.get(pod)?.status?.containerStatuses?.[0] ?? {}
    cluster.pods.forceDelete(pod)
    cluster.pods.run(pod, { containerID })
  },
  statusUnknown({ cluster }, { pod }) {
    cluster.pods.terminated(pod, { reason: 'ContainerStatusUnknown', finishedAt: null })
    cluster.pods.run(pod)
  },
} satisfies Record<string, Act>

/** What somebody with rights on the Lease does by hand. */
const hands = {
  deleteLease: ({ cluster }) => cluster.tamper(LEASE, undefined),
  emptyLease({ cluster }) {
    const lease = cluster.lease(LEASE)
    if (lease) cluster.tamper(LEASE, { ...lease, spec: { ...lease.spec, holderIdentity: '' } })
  },
  shortenLease({ cluster }) {
    const lease = cluster.lease(LEASE)
    if (lease) cluster.tamper(LEASE, { ...lease, spec: { ...lease.spec, leaseDurationSeconds: 1 } })
  },
  garbage({ cluster }) {
    const lease = cluster.lease(LEASE)
    if (lease)
      cluster.tamper(LEASE, { ...lease, metadata: { ...lease.metadata, annotations: { 'dromedary/term': 'x' } } })
  },
  label({ cluster }) {
    const lease = cluster.lease(LEASE)
    if (!lease) return
    const metadata = { ...lease.metadata, labels: { ...lease.metadata.labels, seen: 'yes' } }
    cluster.tamper(LEASE, { ...lease, metadata })
  },
} satisfies Record<string, Act>

/** Nobody new, and clocks that are roughly right: a member cut off may not know the highest term of a Lease that is gone. */
const { killAndRestart: _, stepWall: __, stepWallBack: ___, ...troubleOfTheKnown } = trouble
const { wait, waitLong, resign, leaveAndJoin, loseAnswer } = trouble
const restores = {
  ...{ wait, waitLong, resign, leaveAndJoin, loseAnswer },
  ...hands,
  backup: world => world.backup(),
  restore: world => world.restore(),
} satisfies Record<string, Act>

async function play(actions: Readonly<Record<string, Act>>, runs: number): Promise<number> {
  const step = fc.tuple(fc.constantFrom(...Object.keys(actions)), fc.nat(RATES.length - 1))
  let grants = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 50 }), async sequence => {
      const world = new World()
      await world.pass(1_000)
      for (const [name, at] of sequence) {
        await actions[name]?.(world, world.seats[at] as Seat)
        world.check()
      }
      await world.pass(8_000)
      await world.heal()
      expect(world.broken).toEqual([])
      expect(world.terms).toEqual([...new Set(world.terms)].sort((a, b) => (a < b ? -1 : 1)))
      grants += world.terms.length
      world.end()
    }),
    { numRuns: runs },
  )
  return grants
}

describe('I1, I4 and I7 on a simulated API server', () => {
  it('no two members are valid at the same instant and terms strictly grow, whatever happens to members and pods', async () => {
    expect(await play({ ...trouble, ...lies }, 150)).toBeGreaterThan(200)
  }, 120_000)

  // A member that starts after the Lease was deleted makes it at once: outside of what is promised.
  it('nor whatever somebody does to the Lease by hand, among members that had seen it', async () => {
    expect(await play({ ...troubleOfTheKnown, ...lies, ...hands }, 150)).toBeGreaterThan(200)
  }, 120_000)

  it('nor when etcd is restored from a backup, among members that had seen the holder', async () => {
    expect(await play(restores, 100)).toBeGreaterThan(150)
  }, 120_000)
})
