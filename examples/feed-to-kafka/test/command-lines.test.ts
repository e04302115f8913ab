import { expect, it } from 'vitest'
import { readArguments } from '../src/simulator/arguments.ts'
import { splitArguments } from '../src/start/arguments.ts'
import { settingsOf } from '../src/start/run-file.ts'

it('gives each option of the feed its value', () => {
  expect(readArguments([])).toEqual({ replay: true })
  const all = [
    ...['--host=0.0.0.0', '--tcp-port=4001', '--ws-port', '4002', '--rate=100', '--total=5', '--seed=9', '--no-replay'],
    ...['--drop-every=7', '--drop-how=cut', '--malformed-every=8'],
  ]
  expect(readArguments(all)).toEqual({
    host: '0.0.0.0',
    tcpPort: 4_001,
    wsPort: 4_002,
    rate: 100,
    total: 5,
    seed: 9,
    replay: false,
    dropEvery: 7,
    dropHow: 'cut',
    malformedEvery: 8,
  })
  expect(readArguments(['--rate=max'])).toEqual({ replay: true })
})

it('refuses what it does not understand, in one line', () => {
  expect(() => readArguments(['--drop-how=softly'])).toThrow('--drop-how must be one of end, reset, cut')
  expect(() => readArguments(['--rate=fast'])).toThrow('--rate must be a whole number')
  expect(() => readArguments(['--tcp-port=70000'])).toThrow('--tcp-port must be a whole number of at most 65535')
  expect(() => readArguments(['--speed=1'])).toThrow(/--speed/)
})

it('keeps apart what is the member’s and what is the feed’s', () => {
  const argv = ['--rate=5', '--set', 'feed.source=websocket', '--no-replay', '--config=my.yaml', '--set=log.level=warn']
  expect(splitArguments(argv)).toEqual({
    feed: ['--rate=5', '--no-replay'],
    member: ['--set', 'feed.source=websocket', '--config=my.yaml', '--set=log.level=warn'],
  })
  expect(splitArguments(['--set'])).toEqual({ feed: [], member: ['--set'] })
})

it('tells a member where everything is', () => {
  const run = { brokers: 'a:1,b:2', topic: 't', deadLetters: 'd', scope: 's', host: 'h', tcpPort: 3, wsPort: 4 }
  expect(settingsOf(run).filter(one => one !== '--set')).toEqual([
    'kafka.brokers=a:1,b:2',
    'kafka.topic=t',
    'kafka.dead-letters=d',
    'cluster.scope=s',
    'feed.host=h',
    'feed.port=3',
    'feed.websocket-port=4',
  ])
})
