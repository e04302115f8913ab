import { FakeClock, settle } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { type Beating, Heartbeat, NO_BEAT } from '../src/connection/heartbeat.ts'

class Peer implements Beating {
  beat = NO_BEAT
  bytesRead = 0
  isPaused = false
  pauses = 0
  pings = 0
  answers = true
  ended: string | undefined

  ping(): void {
    this.pings++
    if (this.answers) this.bytesRead += 2
  }

  terminate(reason: string): void {
    this.ended = reason
  }
}

function watch(interval: number, ...peers: Peer[]) {
  const clock = new FakeClock()
  const heartbeat = new Heartbeat(clock, interval, () => peers.filter(({ ended }) => ended === undefined))
  heartbeat.start()
  return { clock, heartbeat }
}

describe('the heartbeat', () => {
  it('pings all peers with one timer, and lets those live that answer', async () => {
    const peers = Array.from({ length: 100 }, () => new Peer())
    const { clock } = watch(1_000, ...peers)
    expect(clock.pending).toBe(1)
    await clock.advance(10_000)
    expect(clock.pending).toBe(1)
    expect(peers.every(({ pings, ended }) => pings === 10 && ended === undefined)).toBe(true)
  })

  it('ends a silent peer one interval after its ping, so two at the latest after its death', async () => {
    const peer = new Peer()
    const { clock } = watch(1_000, peer)
    await clock.advance(1_500)
    peer.answers = false
    await clock.advance(1_499)
    expect(peer.ended).toBeUndefined()
    await clock.advance(1)
    await settle()
    expect(peer.ended).toContain('1000 ms')
  })

  it('does not end a peer that sends, but answers no ping', async () => {
    const peer = new Peer()
    peer.answers = false
    const { clock } = watch(1_000, peer)
    for (let second = 0; second < 10; second++) {
      peer.bytesRead += 100
      await clock.advance(1_000)
      await settle()
    }
    expect(peer.ended).toBeUndefined()
  })

  it('does not end a peer to which nobody listens, nor one to which nobody listened for a while', async () => {
    const peer = new Peer()
    peer.answers = false
    const { clock } = watch(1_000, peer)
    peer.isPaused = true
    await clock.advance(5_000)
    peer.isPaused = false
    await clock.advance(1_000)
    peer.pauses++
    await clock.advance(1_000)
    await settle()
    expect(peer.ended).toBeUndefined()
    await clock.advance(1_000)
    await settle()
    expect(peer.ended).toBeDefined()
  })

  it('after a pause of the process reads first what lies in the kernel, and judges then', async () => {
    const peer = new Peer()
    const clock = new FakeClock()
    let isLate = false
    const heartbeat = new Heartbeat(clock, 1_000, () => {
      // What a poll of the kernel brings, right after the timers.
      if (isLate) setImmediate(() => peer.ping())
      return [peer]
    })
    heartbeat.start()
    peer.answers = false
    await clock.advance(1_000)
    peer.answers = true
    isLate = true
    clock.pause(60_000)
    await clock.advance(1)
    await settle(2)
    expect(peer.pings).toBe(3)
    expect(peer.ended).toBeUndefined()
  })

  it('with an interval of 0 pings nobody, and after a stop no more', async () => {
    const never = new Peer()
    const off = watch(0, never)
    await off.clock.advance(100_000)
    expect(never.pings).toBe(0)
    const once = new Peer()
    const on = watch(1_000, once)
    await on.clock.advance(1_000)
    on.heartbeat.stop()
    await on.clock.advance(100_000)
    expect(once.pings).toBe(1)
    expect(on.clock.pending).toBe(0)
  })
})
