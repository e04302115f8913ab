import { isDromedaryError } from '@dromedary/core'
import { describe, expect, it } from 'vitest'
import type { Overrun } from '../src/index.ts'
import { bench } from './kit.ts'

describe('losing the leadership', () => {
  it('closes the gate at once, lets work under way end, then closes the delegate and says drained', async () => {
    const { cluster, probe, work, clock } = await bench()
    const leadership = cluster.grant()
    const { newest } = probe
    newest.send()
    leadership.close()
    const late = newest.send()
    expect(isDromedaryError(late.exception, 'DROMEDARY_NOT_ACCEPTING')).toBe(true)
    await clock.advance(1_000)
    expect([newest.calls, leadership.drainedCalls]).toEqual([['start', 'quiesce'], 0])
    expect(newest.entry.signal.aborted).toBe(false)
    work.finishAll()
    await clock.advance(0)
    expect([newest.calls, leadership.drainedCalls]).toEqual([['start', 'quiesce', 'close false'], 1])
    expect(clock.pending).toBe(0)
  })

  it('at the hard end the signal aborts, the delegate is closed by force, and drained waits for the work', async () => {
    const overruns: Overrun[] = []
    const { cluster, probe, work, clock } = await bench({ onOverrun: overrun => overruns.push(overrun) })
    const leadership = cluster.grant()
    const { newest } = probe
    const running = newest.send()
    leadership.close()
    await clock.advance(0)
    leadership.end()
    expect(newest.entry.signal.aborted).toBe(true)
    expect(running.signal.aborted).toBe(true)
    expect(running.guard?.isValid()).toBe(false)
    await clock.advance(0)
    expect(newest.calls).toEqual(['start', 'quiesce', 'close true'])
    expect(overruns).toEqual([{ routeId: 'test', namespace: 'ns', term: 1n, inFlight: 1 }])
    expect(leadership.drainedCalls).toBe(0)
    work.finishAll()
    await clock.advance(0)
    expect(leadership.drainedCalls).toBe(1)
  })

  it('the budget is what was left of the lease when the loss was noticed', async () => {
    const { cluster, probe, clock } = await bench()
    const leadership = cluster.grant()
    leadership.budget = 700
    probe.newest.send()
    leadership.close('renewal-failed')
    await clock.advance(699)
    expect(probe.alive).toHaveLength(1)
    await clock.advance(1)
    expect(probe.newest.calls.at(-1)).toBe('close true')
    expect(leadership.drainedCalls).toBe(0)
  })

  it('who resigned goes on renewing, so draining has more time than the lease', async () => {
    const { cluster, probe, work, clock } = await bench()
    const leadership = cluster.grant()
    leadership.budget = 700
    probe.newest.send()
    leadership.close('resigned')
    await clock.advance(30_000)
    expect(probe.alive).toHaveLength(1)
    work.finishAll()
    await clock.advance(0)
    expect(probe.newest.calls.at(-1)).toBe('close false')
  })

  it('an onOverrun that throws does no harm, and without work under way it is not called', async () => {
    let calls = 0
    const { cluster, probe, work, clock, route } = await bench({
      onOverrun: () => {
        calls++
        throw new Error('exit failed')
      },
    })
    cluster.grant().end()
    expect(calls).toBe(0)
    await clock.advance(0)
    const leadership = cluster.grant()
    probe.newest.send()
    leadership.end()
    work.finishAll()
    await clock.advance(0)
    expect([calls, leadership.drainedCalls]).toEqual([1, 1])
    expect(route.logs.some(line => line.message === 'onOverrun failed: exit failed')).toBe(true)
  })
})

describe('regaining it', () => {
  it('while draining: the delegate starts again only when nothing of the older term runs', async () => {
    const { cluster, probe, work, clock } = await bench()
    const first = cluster.grant()
    probe.newest.send()
    first.end()
    const second = cluster.grant()
    await clock.advance(60_000)
    expect(probe.consumers).toHaveLength(1)
    expect(first.drainedCalls).toBe(0)
    work.finishAll()
    await clock.advance(0)
    expect(first.drainedCalls).toBe(1)
    expect(probe.consumers).toHaveLength(2)
    expect(probe.newest.send().getProperty('DromedaryClusterTerm')).toBe(second.term)
  })

  it('while draining, and losing it again: it was never used, and is drained at once', async () => {
    const { cluster, probe, work, clock } = await bench()
    cluster.grant()
    probe.newest.send()
    const second = cluster.grant()
    second.close()
    expect(second.drainedCalls).toBe(1)
    const third = cluster.grant()
    work.finishAll()
    await clock.advance(0)
    expect(probe.consumers).toHaveLength(2)
    expect(probe.newest.send().getProperty('DromedaryClusterTerm')).toBe(third.term)
  })

  it('while the start of the older term is pending: that one is closed first', async () => {
    const { cluster, probe, clock } = await bench()
    probe.starts = 'slowly'
    cluster.grant()
    cluster.grant()
    await clock.advance(0)
    expect(probe.consumers).toHaveLength(1)
    probe.newest.release(new Error('gave up'))
    await clock.advance(0)
    expect(probe.consumers.map(consumer => consumer.calls.join())).toEqual(['start,close true', 'start'])
  })
})

describe('stopping the route', () => {
  it('what the delegate has read may still enter before it withdraws', async () => {
    const { cluster, probe, consumer, clock, work } = await bench()
    probe.quiesces = 'slowly'
    cluster.grant()
    const quiesced = consumer.quiesce()
    const read = probe.newest.send('read before')
    expect([read.failed, cluster.withdrawn]).toEqual([false, 0])
    probe.newest.release()
    await quiesced
    expect(cluster.withdrawn).toBe(1)
    expect(probe.newest.send('too late').failed).toBe(true)
    work.finishAll()
    await clock.advance(0)
    expect(probe.newest.calls).toEqual(['start', 'quiesce', 'close false'])
  })

  it('drains as long as the shutdown takes, then closes by force and never releases over running work', async () => {
    const { cluster, probe, consumer, clock, work } = await bench()
    const leadership = cluster.grant()
    leadership.budget = 700
    probe.newest.send()
    await consumer.quiesce()
    await clock.advance(44_000)
    expect(probe.alive).toHaveLength(1)
    await consumer.close(true)
    expect(probe.newest.calls.at(-1)).toBe('close true')
    expect(leadership.drainedCalls).toBe(0)
    work.finishAll()
    await clock.advance(0)
    expect(leadership.drainedCalls).toBe(1)
  })

  it('a start that ignores its signal does not hold up a forced stop, and is closed when it settles', async () => {
    const { cluster, probe, consumer, clock } = await bench()
    probe.starts = 'slowly'
    const leadership = cluster.grant()
    await consumer.quiesce()
    await consumer.close(true)
    expect(probe.newest.calls).toEqual(['start'])
    probe.newest.release()
    await clock.advance(0)
    expect(probe.alive).toHaveLength(0)
    expect(leadership.drainedCalls).toBe(1)
  })

  it('a start that never ends holds up a stop no longer than the leadership lasts', async () => {
    const { cluster, probe, consumer, clock } = await bench()
    probe.starts = 'slowly'
    const leadership = cluster.grant()
    await consumer.quiesce()
    let closed = false
    const closing = Promise.resolve(consumer.close(false)).then(() => {
      closed = true
    })
    await clock.advance(1_000)
    expect(closed).toBe(false)
    leadership.end('stopped')
    await closing
    expect([probe.newest.calls, leadership.drainedCalls]).toEqual([['start'], 0])
    probe.newest.release()
    await clock.advance(0)
    expect(probe.newest.calls).toEqual(['start', 'close true'])
    expect(leadership.drainedCalls).toBe(1)
  })

  it('started only past the hard end: closed at once, for a quiesce that hangs would keep it for ever', async () => {
    const { cluster, probe, clock } = await bench()
    probe.starts = 'slowly'
    probe.quiesces = 'slowly'
    const leadership = cluster.grant()
    leadership.end()
    probe.newest.release()
    await clock.advance(0)
    expect(probe.alive).toHaveLength(0)
    expect(leadership.drainedCalls).toBe(1)
  })

  it('takes nothing once quiesced, even if the cluster service closes the leadership later', async () => {
    const { cluster, probe, consumer, clock } = await bench()
    cluster.withdrawsLate = true
    const leadership = cluster.grant()
    await consumer.quiesce()
    expect(leadership.accepts()).toBe(true)
    expect(probe.newest.send().failed).toBe(true)
    await clock.advance(0)
    expect(leadership.drainedCalls).toBe(0)
    leadership.close('stopped')
    expect(leadership.drainedCalls).toBe(1)
  })

  it('a delegate that let work in and then failed to start is closed by force', async () => {
    const { cluster, probe, clock, work } = await bench({ backOffMaxAttempts: 1 })
    probe.starts = 'slowly'
    const leadership = cluster.grant()
    probe.newest.send()
    probe.newest.release(new Error('lost the connection'))
    await clock.advance(0)
    expect(probe.newest.calls).toEqual(['start', 'close true'])
    expect([leadership.resigned.length, leadership.drainedCalls]).toEqual([1, 0])
    work.finishAll()
    await clock.advance(0)
    expect(leadership.drainedCalls).toBe(1)
  })

  it('a suspended route withdraws, so that another member works', async () => {
    const { cluster, consumer, clock } = await bench()
    const leadership = cluster.grant()
    await consumer.quiesce()
    await clock.advance(0)
    expect([leadership.drainedCalls, cluster.withdrawn]).toEqual([1, 1])
    consumer.resume?.()
    expect(cluster.campaigns).toBe(2)
  })
})
