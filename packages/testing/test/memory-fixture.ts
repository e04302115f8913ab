import type { ClusterFixture } from '../src/contracts.ts'
import { FakeClock, type MemoryCluster, type MemoryClusterOptions, MemoryMember, memoryCluster } from '../src/index.ts'

/** The in-memory cluster on a fake clock, as the contract suite wants it. */
export async function memoryFixture(): Promise<ClusterFixture> {
  const clock = new FakeClock()
  const cluster = memoryCluster({ clock })
  return {
    timing: {
      closeAfterMs: cluster.timing.closeAfterMs,
      hardEndAfterMs: cluster.timing.hardEndAfterMs,
      takeoverMs: 17_100,
      handoverMs: 2_100,
      standBackMs: 6_100,
    },
    stepMs: 50,
    member: options => cluster.member(options),
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
    dispose: () => stopAll(clock, cluster),
  }
}

function asMemory(member: unknown): MemoryMember {
  if (member instanceof MemoryMember) return member
  throw new TypeError('not a member of an in-memory cluster')
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

export type { MemoryClusterOptions }
