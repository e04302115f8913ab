import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { exitCodeOf, onStopSignal, STOP_SIGNALS, type StopSignal } from '../src/signals.ts'

function signals() {
  const host = new EventEmitter()
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
