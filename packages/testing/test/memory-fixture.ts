import type { Campaign, ClusterService, Leadership } from '@dromedary/core/cluster'
import { concat, filter, map, NEVER } from 'rxjs'
import type { ClusterFixture } from '../src/contracts.ts'
import { FakeClock, type MemoryCluster, type MemoryMember, memoryCluster } from '../src/index.ts'

/** Mistakes that the contract suite must find. */
export type PlantedBug =
  | 'two members lead at once'
  | 'a release over running work'
  | 'a release at the drain deadline'
  | 'terms start anew'
  | 'undefined is left out'
  | 'observing completes never'

/** The in-memory cluster on a fake clock, as the contract suite wants it. */
export async function memoryFixture(bug?: PlantedBug): Promise<ClusterFixture> {
  const clock = new FakeClock()
  const cluster = memoryCluster({ clock })
  const others: MemoryCluster[] = []
  const inner = new Map<ClusterService, MemoryMember>()
  const asMemory = (member: ClusterService) => inner.get(member) as MemoryMember
  return {
    timing: {
      closeAfterMs: cluster.timing.closeAfterMs,
      hardEndAfterMs: cluster.timing.hardEndAfterMs,
      takeoverMs: 17_100,
      handoverMs: 2_100,
      standBackMs: 6_100,
    },
    stepMs: 50,
    member(options) {
      const own = bug === 'two members lead at once' ? memoryCluster({ clock }) : cluster
      if (own !== cluster) others.push(own)
      const member = own.member(options)
      const shown = bug ? withBug(member, bug) : member
      inner.set(shown, member)
      return shown
    },
    advance: ms => clock.advance(ms),
    kill: member => asMemory(member).kill(),
    pause: ms => clock.pause(ms),
    stepWall: (member, ms) => asMemory(member).clock.stepWall(ms),
    breakStore() {
      cluster.store.faults.refuse = true
    },
    healStore() {
      cluster.store.faults.refuse = false
    },
    async dispose() {
      for (const each of [cluster, ...others]) await stopAll(clock, each)
    },
  }
}

function withBug(member: MemoryMember, bug: PlantedBug): ClusterService {
  return {
    id: member.id,
    self: member.self,
    start: () => member.start(),
    stop: options => member.stop(options),
    observe: namespace =>
      bug === 'observing completes never' ? concat(member.observe(namespace), NEVER) : member.observe(namespace),
    campaign: (namespace, options) => badCampaign(member.campaign(namespace, options), bug),
  }
}

function badCampaign(good: Campaign, bug: PlantedBug): Campaign {
  let leadership = good.leadership
  if (bug === 'undefined is left out') leadership = leadership.pipe(filter(each => each !== undefined))
  if (bug === 'terms start anew') leadership = leadership.pipe(map(each => each && withTerm(each, 7n)))
  if (bug === 'a release over running work') {
    leadership = leadership.pipe(map(each => each && drainedAtOnce(each)))
  }
  if (bug === 'a release at the drain deadline') {
    leadership = leadership.pipe(map(each => each && drainedAtItsEnd(each)))
  }
  return { namespace: good.namespace, leadership, [Symbol.asyncDispose]: () => good[Symbol.asyncDispose]() }
}

function withTerm(leadership: Leadership, term: bigint): Leadership {
  return new Proxy(leadership, {
    get: (target, key) => (key === 'term' ? term : bound(target, key)),
  })
}

function drainedAtOnce(leadership: Leadership): Leadership {
  leadership.closing.addEventListener('abort', () => leadership.drained())
  return leadership
}

function drainedAtItsEnd(leadership: Leadership): Leadership {
  leadership.ended.addEventListener('abort', () => leadership.drained())
  return leadership
}

function bound(target: Leadership, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key)
  return typeof value === 'function' ? value.bind(target) : value
}

/** Stopping takes time, which has to pass. */
export async function stopAll(clock: FakeClock, cluster: MemoryCluster): Promise<void> {
  let stopped = false
  const all = cluster.stop().then(() => {
    stopped = true
  })
  for (let turn = 0; !stopped && turn < 200; turn++) await clock.advance(1_000)
  await all
}
