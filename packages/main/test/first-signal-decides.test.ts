import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { exitCodeOf, holdSignals, onStopSignal, STOP_SIGNALS, type StopSignal } from '../src/stop-signals.ts'

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

it('what was held while the application was loaded is answered at once, in order', () => {
  const host = new EventEmitter()
  holdSignals(host)
  host.emit('SIGTERM')
  host.emit('SIGINT')
  const seen: string[] = []
  onStopSignal(
    host,
    signal => seen.push(`first ${signal}`),
    signal => seen.push(`again ${signal}`),
  )
  expect(seen).toEqual(['first SIGTERM', 'again SIGINT'])
  host.emit('SIGHUP')
  expect(seen).toEqual(['first SIGTERM', 'again SIGINT', 'again SIGHUP'])
})
