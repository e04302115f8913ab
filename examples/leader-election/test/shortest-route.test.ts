import { createContext, from, type LogRecord } from '@dromedary/core'
import { master } from '@dromedary/master'
import { FakeClock, memoryCluster } from '@dromedary/testing'
import { timer } from '@dromedary/timer'
import { expect, it } from 'vitest'

it('one line is a route that fires in one of two members, once a second', async () => {
  const clock = new FakeClock()
  const cluster = memoryCluster({ clock })
  const member = () => {
    const lines: string[] = []
    const log = { isEnabled: () => true, write: ({ message }: LogRecord) => void lines.push(message) }
    const route = from('master:ns:timer:clustered').log('x')
    return {
      lines,
      context: createContext({ routes: [route], components: [timer, master], cluster: cluster.member(), clock, log }),
    }
  }
  const members = [member(), member()]
  for (const { context } of members) await context.start()
  await clock.advance(10_500)
  const fired = members.map(({ lines }) => lines.filter(line => line === 'x').length)
  expect(fired.toSorted((a, b) => a - b)).toEqual([0, 10])
  const stopped = Promise.all(members.map(({ context }) => context.stop()))
  await clock.advance(1_000)
  await stopped
})
