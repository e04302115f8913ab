import { expect, it, vi } from 'vitest'
import { SelfStop } from '../src/member/self-stop.ts'

/** With the signal that would be sent, instead of sent. */
function selfStop() {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  const stopped: string[] = []
  return { stop: new SelfStop(place => stopped.push(place)), stopped, kill }
}

it('stops at the place that was asked for, once', () => {
  const { stop, stopped, kill } = selfStop()
  stop.pass('a')
  stop.arm(2, 'SIGSTOP')
  for (const place of ['b', 'c', 'd']) stop.pass(place)
  expect(stopped).toEqual(['c'])
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGSTOP')
})

it('counts only places whose names begin as was said', () => {
  const { stop, stopped } = selfStop()
  stop.arm(2, 'SIGSTOP', 'before data')
  for (const place of ['before init', 'before data', 'after data', 'before data']) stop.pass(place)
  expect(stopped).toEqual(['before data'])
  stop.arm(1, 'SIGKILL')
  stop.pass('anything')
  expect(stopped).toEqual(['before data', 'anything'])
})

it('throws where it is to fail, once, and counts what is armed from there', () => {
  const { stop, stopped } = selfStop()
  stop.arm(1, 'SIGSTOP', 'before')
  stop.failAt('after')
  stop.pass('before data')
  expect(() => stop.pass('after data')).toThrow('planted: fails after data')
  expect(stopped).toEqual([])
  stop.pass('before init')
  expect(stopped).toEqual(['before init'])
})
