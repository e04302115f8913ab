import { describe, expect, it } from 'vitest'
import { bench } from './kit.ts'

/** What Camel's own tests of this component, and the bugs found in it, say must hold. */
describe('as Camel tests it', () => {
  it('taken starts the consumer, lost stops it', async () => {
    const { cluster, probe, clock } = await bench()
    expect(probe.consumers).toHaveLength(0)
    const leadership = cluster.grant()
    expect(probe.alive).toHaveLength(1)
    leadership.end()
    await clock.advance(0)
    expect(probe.newest.calls).toEqual(['start', 'quiesce', 'close false'])
    expect(leadership.drainedCalls).toBe(1)
  })

  it('starts at once, with no delay in which a loss could be overlooked', async () => {
    const { cluster, probe, clock } = await bench()
    cluster.grant()
    expect(probe.newest.started).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('lost while the start is pending: nothing is ever left running (CAMEL-24583)', async () => {
    const { cluster, probe, clock } = await bench()
    probe.starts = 'fail'
    const leadership = cluster.grant()
    await clock.advance(1_000)
    probe.starts = 'at once'
    leadership.close()
    await clock.advance(60_000)
    expect(probe.consumers).toHaveLength(1)
    expect(probe.alive).toHaveLength(0)
    expect(leadership.drainedCalls).toBe(1)
  })

  it('lost while the start is in progress: stopped, and the start was told to give up', async () => {
    const { cluster, probe, clock, route } = await bench()
    probe.starts = 'slowly'
    const leadership = cluster.grant()
    leadership.close('taken')
    expect(probe.newest.signal?.aborted).toBe(true)
    await clock.advance(0)
    expect(probe.newest.calls).toEqual(['start'])
    probe.newest.release()
    await clock.advance(0)
    expect(probe.newest.calls).toEqual(['start', 'quiesce', 'close false'])
    expect(leadership.drainedCalls).toBe(1)
    expect(route.logs.filter(line => line.message.startsWith('consuming'))).toEqual([])
  })

  it('restarted after a flap, with a new consumer of the same endpoint', async () => {
    const { cluster, probe, clock } = await bench()
    cluster.grant().close()
    cluster.grant()
    await clock.advance(0)
    expect(probe.endpoints).toBe(1)
    expect(probe.consumers).toHaveLength(2)
    expect(probe.alive).toEqual([probe.newest])
  })

  it('taken repeatedly: one consumer', async () => {
    const { cluster, probe, clock } = await bench()
    cluster.grant()
    cluster.repeat()
    cluster.repeat()
    await clock.advance(60_000)
    expect(probe.consumers).toHaveLength(1)
  })

  it('stop cancels a pending start', async () => {
    const { cluster, probe, clock, consumer } = await bench()
    probe.starts = 'fail'
    cluster.grant()
    await consumer.quiesce()
    await consumer.close(false)
    probe.starts = 'at once'
    await clock.advance(60_000)
    expect(probe.consumers).toHaveLength(1)
    expect(probe.alive).toHaveLength(0)
  })

  it('works again after an exhausted start', async () => {
    const { cluster, probe, clock } = await bench({ backOffMaxAttempts: 2 })
    probe.starts = 'fail'
    const first = cluster.grant()
    await clock.advance(60_000)
    expect(first.resigned).toHaveLength(1)
    probe.starts = 'at once'
    cluster.grant()
    expect(probe.alive).toHaveLength(1)
  })

  it('all configured attempts are made, whatever time they take together', async () => {
    const { cluster, probe, clock, route } = await bench({ backOffDelay: 5_000, backOffMaxAttempts: 10 })
    probe.starts = 'fail'
    const leadership = cluster.grant()
    await clock.advance(44_999)
    expect(probe.consumers).toHaveLength(9)
    expect(leadership.resigned).toEqual([])
    await clock.advance(1)
    expect(probe.consumers).toHaveLength(10)
    expect(probe.consumers.every(consumer => consumer.calls.join() === 'start,close false')).toBe(true)
    expect(route.errors).toHaveLength(10)
    expect(route.errors.at(-1)?.doing).toBe('starting probe://x as leader of ns, attempt 10 of 10')
  })

  it('0 attempts means for ever', async () => {
    const { cluster, probe, clock } = await bench({ backOffDelay: '1s', backOffMaxAttempts: 0 })
    probe.starts = 'fail'
    const leadership = cluster.grant()
    await clock.advance(100_000)
    expect(probe.consumers).toHaveLength(101)
    expect(leadership.resigned).toEqual([])
  })

  it('no timer stays behind after a start that worked in the end (CAMEL-24584)', async () => {
    const { cluster, probe, clock } = await bench()
    probe.starts = 'fail'
    cluster.grant()
    probe.starts = 'at once'
    await clock.advance(5_000)
    expect(probe.alive).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it('stop and a change of leadership at the same moment lock nothing (CAMEL-24626)', async () => {
    const { cluster, clock, consumer, probe } = await bench()
    const leadership = cluster.grant()
    const stopped: Promise<void>[] = []
    leadership.closing.addEventListener('abort', () => {
      stopped.push((async () => consumer.quiesce())().then(() => consumer.close(false)))
    })
    leadership.close()
    await clock.advance(0)
    await Promise.all(stopped)
    expect(probe.alive).toHaveLength(0)
    expect(leadership.drainedCalls).toBe(1)
  })

  it('stopping withdraws from the cluster (CAMEL-17065)', async () => {
    const { cluster, consumer } = await bench()
    cluster.grant()
    await consumer.quiesce()
    await consumer.close(false)
    expect([cluster.campaigns, cluster.withdrawn]).toEqual([1, 1])
  })

  it('suspends and resumes a delegate that cannot resume by itself (CAMEL-18594)', async () => {
    const { cluster, consumer, probe, clock } = await bench()
    cluster.grant()
    await consumer.quiesce()
    await clock.advance(0)
    expect(probe.alive).toHaveLength(0)
    await consumer.resume?.()
    cluster.grant()
    expect(probe.alive).toHaveLength(1)
  })

  it('its own answer changes before anybody is told (CAMEL-24457)', async () => {
    const { cluster, probe } = await bench()
    const leadership = cluster.grant()
    const seen: boolean[] = []
    leadership.closing.addEventListener('abort', () => seen.push(probe.newest.send().failed))
    leadership.close()
    expect(seen).toEqual([true])
  })
})
