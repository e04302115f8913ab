import { DromedaryError } from '@dromedary/core/component'
import { FakeClock, fakeRoute } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { timer } from '../src/index.ts'

const START = Date.UTC(2026, 0, 1)

/** How many milliseconds after the start each event of the first `ms` came, and what else there was to see. */
async function run(query: string, ms: number) {
  const clock = new FakeClock({ now: START })
  const unreferenced: number[] = []
  const setTimeout = clock.setTimeout.bind(clock)
  clock.setTimeout = (callback, wait) => {
    const handle = setTimeout(callback, wait)
    handle.unref = () => {
      unreferenced.push(wait)
      return handle
    }
    return handle
  }
  const times: number[] = []
  const route = fakeRoute({ clock, route: () => void times.push(clock.now() - START) })
  const consumer = route.consumer(timer, `timer:tick${query}`)
  await consumer.start(new AbortController().signal)
  await clock.advance(ms)
  await consumer.quiesce()
  await consumer.close(false)
  expect(clock.pending).toBe(0)
  return { times, route, unreferenced }
}

describe('each option of timer', () => {
  it('delay: 1 s before the first event, or what is asked for', async () => {
    expect((await run('', 2500)).times).toEqual([1000, 2000])
    expect((await run('?delay=300ms', 2500)).times).toEqual([300, 1300, 2300])
    expect((await run('?delay=0', 500)).times).toEqual([0])
  })

  it('delay: negative is at once and without a pause', async () => {
    expect((await run('?delay=-1&repeatCount=250', 5)).times).toEqual(Array.from({ length: 250 }, () => 0))
  })

  it('period: 1 s, or what is asked for; none is one event', async () => {
    expect((await run('?delay=0&period=250', 600)).times).toEqual([0, 250, 500])
    expect((await run('?delay=5&period=0', 5000)).times).toEqual([5])
    expect((await run('?delay=5&period=-1', 5000)).times).toEqual([5])
  })

  it('repeatCount: so many events; zero and negative are no limit', async () => {
    expect((await run('?repeatCount=2', 10_000)).times).toEqual([1000, 2000])
    expect((await run('?repeatCount=0', 10_000)).times).toHaveLength(10)
    expect((await run('?repeatCount=-1', 10_000)).times).toHaveLength(10)
  })

  it('time: the first event, whatever the delay', async () => {
    const local = (ms: number) => {
      const date = new Date(START + ms)
      const two = (value: number) => String(value).padStart(2, '0')
      return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
    }
    expect((await run(`?time=${local(7000)}`, 8500)).times).toEqual([7000, 8000])
    expect((await run(`?time=${local(7000).replace(' ', 'T')}&period=0`, 20_000)).times).toEqual([7000])
    expect((await run(`?time=${local(-90_000)}`, 1500)).times).toEqual([0, 1000])
    expect((await run(`?time=${local(-2000)}&fixedRate=true`, 1500)).times).toEqual([0, 0, 0, 1000])
  })

  it('pattern: how the time is written', async () => {
    const query = `?time=RAW(01.01.2026 at 00:00:03.500 +0000)&pattern=RAW(dd.MM.yyyy 'at' HH:mm:ss.SSS X)`
    expect((await run(query, 4000)).times).toEqual([3500])
  })

  it('includeMetadata: headers and properties, otherwise none', async () => {
    const { route } = await run('?includeMetadata=true&period=2s', 3000)
    const exchange = route.exchanges[1]
    expect(exchange?.body).toBeNull()
    expect(exchange?.message.headers.toJSON()).toEqual({
      CamelTimerFiredTime: new Date(START + 3000),
      CamelMessageTimestamp: START + 3000,
    })
    expect(Object.fromEntries(exchange?.properties ?? [])).toEqual({
      CamelTimerCounter: 2,
      CamelTimerName: 'tick',
      CamelTimerPeriod: 2000,
      CamelTimerFiredTime: new Date(START + 3000),
    })
    const timed = await run('?includeMetadata=true&time=2026-01-01Z&pattern=yyyy-MM-ddX&period=0', 1)
    expect(timed.route.exchanges[0]?.getProperty('CamelTimerTime')).toEqual(new Date(START))
    const [plain] = (await run('', 1000)).route.exchanges
    expect(plain?.message.hasHeaders()).toBe(false)
    expect(plain?.properties.size).toBe(0)
  })

  it('daemon: the timer keeps the process alive only when this is false', async () => {
    expect((await run('', 1500)).unreferenced).toHaveLength(2)
    expect((await run('?daemon=false', 1500)).unreferenced).toEqual([])
  })

  it('runLoggingLevel: lines before and after each event', async () => {
    expect((await run('?runLoggingLevel=info', 1000)).route.logs).toMatchObject([
      { level: 'info', message: 'Timer task started on: timer://tick?runLoggingLevel=info' },
      { level: 'info', message: 'Timer task completed on: timer://tick?runLoggingLevel=info' },
    ])
    expect((await run('', 1000)).route.logs.map(line => line.level)).toEqual(['trace', 'trace'])
    expect((await run('?runLoggingLevel=OFF', 1000)).route.logs).toEqual([])
  })

  it('synchronous: always on, so that switching it off is refused', async () => {
    expect((await run('?synchronous=true', 1000)).times).toEqual([1000])
    expect(refusal('?synchronous=false')).toMatch(/must be true: the events of one timer never overlap/)
  })

  it.each([
    ['?timer=%23bean:mine', /^timer does not take Camel's option timer: it takes an object of the JVM/],
    ['?perid=5s', /^timer has no option perid in timer:\/\/tick\?perid=5s; did you mean period\?$/],
    ['?fixedRate=true&period=0', /fixedRate needs a period above 0/],
    ['?pattern=yyyy', /there is no time/],
    ['?delay=-1&time=2026-01-01 00:00:00', /a negative delay and a time contradict each other/],
    ['?time=tomorrow', /timer option time must be a time written yyyy-MM-dd HH:mm:ss, not "tomorrow"/],
    ['?time=2026-02-30 00:00:00', /must be a time written/],
    ['?time=x&pattern=EEE', /timer option pattern: the letter E/],
    ['?runLoggingLevel=LOUD', /must be one of TRACE, DEBUG/],
  ])('refuses %s', (query, message) => {
    expect(refusal(query)).toMatch(message)
  })
})

function refusal(query: string): string {
  try {
    fakeRoute().endpoint(timer, `timer:tick${query}`)
  } catch (error) {
    if (error instanceof DromedaryError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}
