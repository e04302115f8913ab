import { eventually, settle } from '@dromedary/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SmallServer } from './small-server.ts'

// Node 22 throws where nobody can catch it, if a request is aborted by its signal when its answer has just arrived whole.
const uncaught: unknown[] = []
const listener = (error: unknown) => void uncaught.push(error)
let others: NodeJS.UncaughtExceptionListener[] = []
beforeEach(() => {
  uncaught.length = 0
  others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', listener)
})
afterEach(() => {
  process.off('uncaughtException', listener)
  for (const other of others) process.on('uncaughtException', other)
})

/** A watch whose answer comes in one piece and is over; what it told. */
async function watchOf(type: string, onEvent: (close: () => void) => void): Promise<string[]> {
  const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
  const server = await SmallServer.start((_, response) => void response.end(`${JSON.stringify({ type, object })}\n`))
  const told: string[] = []
  const api = server.connect()
  const watch = api.watchLeases(
    { name: 'a' },
    {
      opened: () => void told.push('opened'),
      event() {
        told.push('event')
        onEvent(() => watch.close())
      },
      closed: () => void told.push('closed'),
    },
  )
  await eventually(() => told.length === 2)
  await settle(5)
  return told
}

describe('an answer that comes in one piece', () => {
  it('is an ERROR of the server: the watch is closed, and nothing is thrown', async () => {
    expect(await watchOf('ERROR', () => {})).toEqual(['opened', 'closed'])
    expect(uncaught).toEqual([])
  })

  it('is an event at which the watch is closed: nothing is thrown', async () => {
    expect(await watchOf('ADDED', close => close())).toEqual(['opened', 'event'])
    expect(uncaught).toEqual([])
  })
})
