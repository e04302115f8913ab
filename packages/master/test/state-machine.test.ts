import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bench, bench, type Probe } from './kit.ts'

function set<K extends 'starts' | 'quiesces' | 'closes'>(probe: Probe, key: K, value: Probe[K]): void {
  probe[key] = value
}

/** What may happen around a master: route, in any order. */
const operations = {
  grant: ({ cluster }: Bench) => void cluster.grant(),
  repeat: ({ cluster }: Bench) => cluster.repeat(),
  lose: ({ cluster }: Bench) => cluster.newest?.close('renewal-failed'),
  resign: ({ cluster }: Bench) => cluster.newest?.close('resigned'),
  end: ({ cluster }: Bench) => cluster.newest?.end('taken'),
  startsAtOnce: ({ probe }: Bench) => set(probe, 'starts', 'at once'),
  startsSlowly: ({ probe }: Bench) => set(probe, 'starts', 'slowly'),
  startsFail: ({ probe }: Bench) => set(probe, 'starts', 'fail'),
  quiescesSlowly: ({ probe }: Bench) => set(probe, 'quiesces', 'slowly'),
  quiescesAtOnce: ({ probe }: Bench) => set(probe, 'quiesces', 'at once'),
  closesSlowly: ({ probe }: Bench) => set(probe, 'closes', 'slowly'),
  closesAtOnce: ({ probe }: Bench) => set(probe, 'closes', 'at once'),
  release: ({ probe }: Bench) => probe.consumers.at(-1)?.release(),
  releaseWithError: ({ probe }: Bench) => probe.consumers.at(-1)?.release(new Error('gave up')),
  send: ({ probe }: Bench) => void probe.consumers.at(-1)?.send(),
  finishOne: ({ work }: Bench) => work.running[0]?.finish(),
  finishAll: ({ work }: Bench) => work.finishAll(),
  settle: ({ clock }: Bench) => clock.advance(0),
  aSecond: ({ clock }: Bench) => clock.advance(1_000),
  tenSeconds: ({ clock }: Bench) => clock.advance(10_000),
  suspend: ({ consumer }: Bench) => void consumer.quiesce(),
}
type Operation = keyof typeof operations
const names = Object.keys(operations) as Operation[]
/** Nothing keeps the delegate alive but a leadership, work under way, or a call that has not come back. */
const ORDER = /^(start(,quiesce)?(,close (true|false))?)?$/

function watch(around: Bench): string[] {
  const broken: string[] = []
  const { cluster, probe, work } = around
  probe.onStart = () => {
    const term = cluster.newest?.term
    const others = work.running.filter(({ exchange }) => exchange.getProperty('DromedaryClusterTerm') !== term)
    if (others.length > 0) broken.push(`started in term ${term} while ${others.length} exchanges of an older one ran`)
    const open = probe.alive.length + probe.consumers.filter(each => !each.alive && each.isPending).length
    if (open > 1) broken.push('a delegate was started before the one before it was closed')
  }
  const grant = cluster.grant.bind(cluster)
  cluster.grant = () => {
    const before = cluster.leaderships.length
    const leadership = grant()
    for (const each of cluster.leaderships.slice(before)) {
      each.onDrained = () => {
        const running = work.running.filter(
          ({ exchange }) => exchange.getProperty('DromedaryClusterTerm') === each.term,
        )
        if (running.length > 0) broken.push(`term ${each.term} was drained over ${running.length} exchanges`)
        if (!each.closing.aborted) broken.push(`term ${each.term} was drained before it closed`)
      }
    }
    return leadership
  }
  return broken
}

function check({ probe, cluster, work }: Bench): void {
  for (const consumer of probe.consumers) expect(consumer.calls.join()).toMatch(ORDER)
  expect(probe.alive.length).toBeLessThanOrEqual(1)
  for (const leadership of cluster.leaderships) expect(leadership.drainedCalls).toBeLessThanOrEqual(1)
  const held = cluster.newest?.accepts() || work.running.length > 0 || probe.consumers.some(each => each.isPending)
  if (!held) expect(probe.alive).toEqual([])
}

async function run(sequence: readonly Operation[], forced: boolean): Promise<void> {
  const around = await bench({ backOffDelay: '2s', backOffMaxAttempts: 3 })
  const broken = watch(around)
  const { clock, cluster, consumer, probe, work } = around
  let suspended = false
  for (const name of sequence) {
    if (name === 'suspend' && suspended) consumer.resume?.()
    else if (!suspended || !['grant', 'repeat'].includes(name)) await operations[name](around)
    if (name === 'suspend') suspended = !suspended
    if (name === 'settle') {
      await clock.advance(0)
      check(around)
    }
    // The runtime resumes only what has finished suspending.
    if (name === 'suspend' && suspended) {
      work.finishAll()
      for (let turn = 0; turn < 4; turn++) {
        for (const each of probe.consumers) each.release()
        await clock.advance(0)
      }
    }
    expect(broken).toEqual([])
  }
  await stop(around, forced)
  expect(broken).toEqual([])
  for (const leadership of cluster.leaderships)
    expect([leadership.term, leadership.drainedCalls]).toEqual([leadership.term, 1])
  expect(probe.alive).toEqual([])
  expect(clock.pending).toBe(0)
}

async function stop({ clock, cluster, consumer, probe, work }: Bench, forced: boolean): Promise<void> {
  const quiesced = Promise.resolve(consumer.quiesce())
  if (!forced) work.finishAll()
  for (let turn = 0; turn < 4; turn++) {
    if (!forced) for (const each of probe.consumers) each.release()
    await clock.advance(0)
  }
  const closed = Promise.resolve(consumer.close(forced))
  await clock.advance(0)
  work.finishAll()
  for (let turn = 0; turn < 4; turn++) {
    for (const each of probe.consumers) each.release()
    await clock.advance(0)
  }
  cluster.newest?.end('stopped')
  await Promise.all([quiesced, closed])
  await clock.advance(0)
}

describe('the state machine under any order of events', () => {
  it('one delegate at most, each closed once, none over older work, each term drained once, idle after stop', async () => {
    const sequences = fc.array(fc.constantFrom(...names), { maxLength: 40 })
    await fc.assert(fc.asyncProperty(sequences, fc.boolean(), run), { numRuns: 1_500, seed: 20260101 })
  })

  it.each<[string, Operation[]]>([
    [
      'lost in the start, regained, lost again',
      ['startsSlowly', 'grant', 'lose', 'grant', 'lose', 'release', 'settle'],
    ],
    [
      'work outlives two terms',
      ['grant', 'send', 'end', 'grant', 'end', 'grant', 'finishAll', 'settle', 'send', 'settle'],
    ],
    ['quiescing hangs past the hard end', ['quiescesSlowly', 'grant', 'lose', 'end', 'settle', 'grant', 'settle']],
    [
      'suspended while attempts fail',
      ['startsFail', 'grant', 'aSecond', 'suspend', 'suspend', 'startsAtOnce', 'grant', 'settle'],
    ],
  ])('%s', async (_, sequence) => {
    await run(sequence, false)
    await run(sequence, true)
  })
})
