import { EventEmitter } from 'node:events'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'
import {
  exitCodeOf,
  HOLD_MS,
  holdSignals,
  onStopSignal,
  type SignalHost,
  STOP_SIGNALS,
  type StopSignal,
} from '../src/stop-signals.ts'

class Host extends EventEmitter implements SignalHost {
  readonly codes: number[] = []
  readonly lines: string[] = []
  readonly stderr = { write: (line: string) => this.lines.push(line) }
  exit(code: number): void {
    this.codes.push(code)
  }
}

function loading() {
  const host = new Host()
  const clock = new FakeClock()
  holdSignals(host, clock)
  return { host, clock }
}

function signals() {
  const host = new Host()
  const seen: string[] = []
  onStopSignal(
    host,
    signal => seen.push(`first ${signal}`),
    signal => seen.push(`again ${signal}`),
  )
  return { send: (signal: StopSignal) => host.emit(signal), seen }
}

it.each(STOP_SIGNALS)('%s asks to stop', signal => {
  const { send, seen } = signals()
  send(signal)
  expect(seen).toEqual([`first ${signal}`])
})

it('a second Ctrl-C, which arrives as SIGINT and SIGTERM, is told apart from the first', () => {
  const { send, seen } = signals()
  send('SIGINT')
  send('SIGINT')
  send('SIGTERM')
  expect(seen).toEqual(['first SIGINT', 'again SIGINT', 'again SIGTERM'])
})

it('the exit code is 130 after Ctrl-C, else 0', () => {
  expect(STOP_SIGNALS.map(exitCodeOf)).toEqual([130, 0, 0])
})

it('what was held while the application was loaded is answered as soon as it is there, and ends nothing', async () => {
  const { host, clock } = loading()
  host.emit('SIGTERM')
  await clock.advance(HOLD_MS - 1)
  const seen: string[] = []
  onStopSignal(
    host,
    signal => seen.push(`first ${signal}`),
    signal => seen.push(`again ${signal}`),
  )
  expect(seen).toEqual(['first SIGTERM'])
  host.emit('SIGHUP')
  await clock.advance(10 * HOLD_MS)
  expect(seen).toEqual(['first SIGTERM', 'again SIGHUP'])
  expect(host.codes).toEqual([])
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 0],
  ['SIGHUP', 0],
] as const)('%s that no application answers ends the process with %d, after 5 s', async (signal, code) => {
  const { host, clock } = loading()
  host.emit(signal)
  await clock.advance(HOLD_MS - 1)
  expect(host.codes).toEqual([])
  await clock.advance(1)
  expect(host.codes).toEqual([code])
  expect(host.lines).toEqual([
    `${signal} 5 s ago, and no application has answered: the process ends, still being loaded\n`,
  ])
})

it('a second signal that nobody answers ends the process at once, as the first one would', () => {
  const { host } = loading()
  host.emit('SIGTERM')
  host.emit('SIGINT')
  expect(host.codes).toEqual([0])
  expect(host.lines).toEqual(['SIGTERM, then SIGINT: the process ends, still being loaded\n'])
})
