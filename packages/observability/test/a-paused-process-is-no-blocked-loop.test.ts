import { beforeEach, expect, it } from 'vitest'
import { LoopWatch } from '../src/server/loop-watch.ts'
import { PULSE_MS } from '../src/server/protocol.ts'

let beats: Int32Array
let now: number
let watch: LoopWatch
beforeEach(() => {
  beats = new Int32Array(new SharedArrayBuffer(4))
  now = 1_000
  watch = new LoopWatch(beats, () => now)
})

/** Looks so often, with a pulse before each look or without. */
function looks(count: number, pulsing: boolean): number {
  let blocked = 0
  for (let i = 0; i < count; i++) {
    now += PULSE_MS
    if (pulsing) Atomics.add(beats, 0, 1)
    blocked = watch.blockedMs()
  }
  return blocked
}

it('a loop that pulses is not blocked', () => {
  expect(looks(100, true)).toBe(0)
})

it('one that does not is, for as long as it was watched without a pulse; the next pulse ends that', () => {
  looks(5, true)
  expect(looks(30, false)).toBe(30 * PULSE_MS)
  expect(looks(1, true)).toBe(0)
})

it('time in which the looker did not run either counts for no more than two looks', () => {
  looks(5, true)
  now += 3_600_000
  expect(watch.blockedMs()).toBe(2 * PULSE_MS)
  expect(looks(1, true)).toBe(0)
})

it('a count that has gone round is a count', () => {
  Atomics.store(beats, 0, 2 ** 31 - 1)
  watch.blockedMs()
  expect(looks(3, true)).toBe(0)
  expect(Atomics.load(beats, 0)).toBeLessThan(0)
})
