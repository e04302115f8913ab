import { settle } from '@dromedary/testing'
import { describe, expect, it, vi } from 'vitest'
import { Inbox } from '../src/connection/inbox.ts'

/** An inbox whose items are done when the test says so, and what it did to its source. */
function watch(limit: number, options: { readonly held?: boolean; readonly sync?: (item: number) => boolean } = {}) {
  const handed: number[] = []
  const flow: string[] = []
  const done = new Map<number, () => void>()
  const inbox = new Inbox<number>({
    limit,
    held: options.held ?? false,
    hand(item) {
      handed.push(item)
      if (options.sync?.(item)) return undefined
      return new Promise<void>(resolve => done.set(item, resolve))
    },
    pause: () => flow.push('pause'),
    resume: () => flow.push('resume'),
  })
  const finish = async (item: number) => {
    done.get(item)?.()
    await settle()
  }
  return { inbox, handed, flow, finish }
}

describe('an inbox', () => {
  it('hands in at once and never pauses while all is done synchronously', () => {
    const { inbox, handed, flow } = watch(1, { sync: () => true })
    for (let item = 0; item < 200; item++) inbox.push(item)
    expect(handed).toEqual(Array.from({ length: 200 }, (_, at) => at))
    expect(flow).toEqual([])
  })

  it('lets others have their turn of the event loop after so many, its source waiting meanwhile', async () => {
    const { inbox, handed, flow } = watch(10_000, { sync: item => item % 2 === 0 })
    const counts: number[] = []
    setImmediate(() => counts.push(handed.length))
    for (let item = 0; item < 1_000; item++) inbox.push(item)
    expect(handed).toHaveLength(256)
    expect(flow).toEqual(['pause'])
    await vi.waitFor(() => expect(handed).toHaveLength(1_000), { interval: 1 })
    expect(counts).toEqual([256])
    expect(handed).toEqual(Array.from({ length: 1_000 }, (_, at) => at))
    expect(flow.slice(0, 2)).toEqual(['pause', 'resume'])
    expect(flow.at(-1)).toBe('resume')
  })

  it('hands in nothing at its next turn that was dropped before', async () => {
    const { inbox, handed } = watch(10_000, { sync: () => true })
    for (let item = 0; item < 1_000; item++) inbox.push(item)
    inbox.drop()
    await settle(20)
    expect(handed).toHaveLength(256)
  })

  it('pauses its source at the limit, and resumes it when all that was read is handed in and there is room', async () => {
    const { inbox, handed, flow, finish } = watch(2)
    for (const item of [1, 2, 3, 4]) inbox.push(item)
    expect(handed).toEqual([1, 2])
    expect(flow).toEqual(['pause'])
    await finish(2)
    expect(handed).toEqual([1, 2, 3])
    await finish(1)
    expect(handed).toEqual([1, 2, 3, 4])
    expect(flow).toEqual(['pause'])
    await finish(4)
    expect(flow).toEqual(['pause', 'resume'])
  })

  it('keeps the order where some are done synchronously and some are not', async () => {
    const { inbox, handed, finish } = watch(1, { sync: item => item % 3 !== 0 })
    for (let item = 0; item < 30; item++) inbox.push(item)
    for (let item = 0; item < 30; item += 3) await finish(item)
    expect(handed).toEqual(Array.from({ length: 30 }, (_, at) => at))
  })

  it('keeps the order also for what comes while an item is being handed in', () => {
    const seen: number[] = []
    const inbox: Inbox<number> = new Inbox({
      limit: 2,
      held: true,
      hand(item) {
        seen.push(item)
        if (item === 1) inbox.push(3)
      },
      pause() {},
      resume() {},
    })
    inbox.push(1)
    inbox.push(2)
    inbox.release()
    expect(seen).toEqual([1, 2, 3])
  })

  it('hands nothing in while it is held, and lets its source wait', () => {
    const { inbox, handed, flow } = watch(5, { held: true })
    inbox.push(1)
    inbox.push(2)
    expect(handed).toEqual([])
    expect(flow).toEqual(['pause'])
    inbox.release()
    expect(handed).toEqual([1, 2])
    expect(flow).toEqual(['pause', 'resume'])
  })

  it('drains: hands in what was read, then nothing more', async () => {
    const { inbox, handed, finish } = watch(1)
    for (const item of [1, 2, 3]) inbox.push(item)
    let drained = false
    const draining = inbox.drain().then(() => {
      drained = true
    })
    inbox.push(4)
    await finish(1)
    await finish(2)
    expect(drained).toBe(false)
    await finish(3)
    await draining
    expect(handed).toEqual([1, 2, 3, 4])
    inbox.push(5)
    await finish(4)
    expect(handed).toEqual([1, 2, 3, 4])
  })

  it('drops what was read and not handed in, and a drain that waits for it ends', async () => {
    const { inbox, handed, finish } = watch(1)
    for (const item of [1, 2, 3]) inbox.push(item)
    const draining = inbox.drain()
    inbox.drop()
    await draining
    await finish(1)
    expect(handed).toEqual([1])
  })

  it('is idle when nothing waits and nothing is under way', async () => {
    const { inbox, finish } = watch(1)
    await inbox.idle()
    inbox.push(1)
    inbox.push(2)
    let idle = false
    void inbox.idle().then(() => {
      idle = true
    })
    await finish(1)
    expect(idle).toBe(false)
    await finish(2)
    expect(idle).toBe(true)
  })

  it('does not hand in what comes while it is dropped from within', () => {
    const seen: number[] = []
    const inbox: Inbox<number> = new Inbox({
      limit: 1,
      hand(item) {
        seen.push(item)
        inbox.drop()
      },
      pause() {},
      resume() {},
    })
    inbox.push(1)
    inbox.push(2)
    expect(seen).toEqual([1])
  })
})
