import { once } from 'node:events'
import { request, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { FakeClock } from '@dromedary/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OverdueWork } from '../src/health/live.ts'
import { probeApp } from '../src/server/app.ts'
import { ANSWER_WITHIN_MS, Asker } from '../src/server/asker.ts'
import { limitedServer } from '../src/server/listen.ts'
import type { Question } from '../src/server/protocol.ts'

/** How an application answers; undefined: not at all. */
let respond: (question: Question) => { readonly value: unknown } | 'failed' | undefined
let blockedMs: number
let overdue: OverdueWork[]
/** Called when a question stays without an answer. */
let asked: () => void
let clock: FakeClock
let server: Server
let port: number

beforeEach(async () => {
  respond = () => ({ value: [] })
  blockedMs = 0
  overdue = []
  clock = new FakeClock()
  const asker = new Asker(question => {
    const answer = respond(question)
    if (answer !== undefined) asker.answered(question, answer)
    else asked()
  }, clock)
  const app = probeApp({ asker, blockedLoopLimitMs: 1_000, blockedMs: () => blockedMs, overdue: () => overdue })
  server = limitedServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as { port: number }).port
})
afterEach(() => {
  server.close()
  server.closeAllConnections()
})

interface Got {
  readonly status: number | undefined
  readonly headers: Record<string, unknown>
  readonly body: string
}

function get(
  path: string,
  options: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Got> {
  const { method = 'GET', body, headers = {} } = options
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers, agent: false }, response => {
      let text = ''
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const json = async (path: string) => {
  const { status, body } = await get(path)
  return [status, JSON.parse(body)]
}

describe('liveness', () => {
  it('is answered without the application', async () => {
    respond = () => undefined
    expect(await json('/observe/health/live')).toEqual([
      200,
      {
        status: 'UP',
        checks: [
          { name: 'event-loop', status: 'UP', data: { 'blocked.ms': 0, 'limit.ms': 1_000 } },
          { name: 'drain', status: 'UP', data: {} },
        ],
      },
    ])
  })

  it('fails while the loop has been blocked for longer than the limit', async () => {
    blockedMs = 1_000
    expect((await get('/observe/health/live')).status).toBe(200)
    blockedMs = 1_001
    expect(await json('/observe/health/live')).toMatchObject([503, { status: 'DOWN' }])
    expect((await get('/observe/health')).status).toBe(503)
  })

  it('fails while work of a term that has ended goes on beyond its deadline, and names it', async () => {
    overdue = [{ namespace: 'ns', term: 7n, participant: 'feed' }]
    expect(await json('/observe/health/live')).toMatchObject([
      503,
      {
        checks: [{}, { name: 'drain', status: 'DOWN', data: { 'ns/feed': 'still works on term 7, which has ended' } }],
      },
    ])
  })
})

describe('an application that does not answer in time', () => {
  it.each(['/observe/health', '/observe/health/ready', '/observe/leader', '/observe/metrics'])(
    'is told by %s as 503',
    async path => {
      respond = () => undefined
      blockedMs = 650
      const { promise, resolve } = Promise.withResolvers<void>()
      asked = resolve
      const getting = get(path)
      await promise
      await clock.advance(ANSWER_WITHIN_MS)
      const { status, body } = await getting
      expect([status, body]).toEqual([503, expect.stringContaining('the event loop gave no answer within 700 ms')])
    },
  )

  it('and is late is not asked again before it has answered, and answers whoever still waits then', async () => {
    const sent: string[] = []
    const asker = new Asker(question => void sent.push(question), clock)
    const asking = asker.ask('metrics')
    await clock.advance(ANSWER_WITHIN_MS)
    expect(await asking).toBe('late')
    // It is still at the first one: more of them would only make it later.
    const again = asker.ask('metrics')
    expect(sent).toEqual(['metrics'])
    await clock.advance(ANSWER_WITHIN_MS - 1)
    asker.answered('metrics', { value: 'm' })
    expect(await again).toEqual({ value: 'm' })
    void asker.ask('metrics')
    expect(sent).toEqual(['metrics', 'metrics'])
  })
})

it('however many ask the same at once, the application is asked once', async () => {
  const sent: string[] = []
  const asker = new Asker(question => void sent.push(question), clock)
  const both = Promise.all([asker.ask('metrics'), asker.ask('metrics'), asker.ask('leader')])
  expect(sent).toEqual(['metrics', 'leader'])
  asker.answered('metrics', { value: 'm' })
  asker.answered('leader', { value: 'l' })
  expect(await both).toEqual([{ value: 'm' }, { value: 'm' }, { value: 'l' }])
  void asker.ask('metrics')
  expect(sent).toHaveLength(3)
})

it('what could not be told is 500, with nothing of the error in it', async () => {
  respond = () => 'failed'
  for (const path of ['/observe/health', '/observe/leader', '/observe/metrics']) {
    expect(await json(path)).toEqual([500, { error: 'this could not be told; the log of the application says why' }])
  }
  respond = () => {
    throw new Error('swordfish')
  }
  const { status, body } = await get('/observe/leader')
  expect([status, JSON.parse(body)]).toEqual([500, { error: expect.stringMatching(/^this could not be told; /) }])
})

describe('a request', () => {
  it('of HEAD has the head of GET', async () => {
    const { status, headers, body } = await get('/observe/health/live', { method: 'HEAD' })
    expect([status, body]).toEqual([200, ''])
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('of %s is refused', async method => {
    const { status, headers } = await get('/observe/health/live', { method })
    expect([status, headers['allow'], headers['connection']]).toEqual([405, 'GET, HEAD', 'close'])
  })

  it('with a body is refused, whether its length is said or not', async () => {
    expect((await get('/observe/health/live', { headers: { 'content-length': '1' }, body: 'x' })).status).toBe(413)
    const chunked = { headers: { 'transfer-encoding': 'chunked' }, body: 'x' }
    expect((await get('/observe/health/live', chunked)).status).toBe(413)
  })

  it('with too long headers is refused', async () => {
    const { status } = await get('/observe/health/live', { headers: { 'x-long': 'x'.repeat(9_000) } })
    expect(status).toBe(431)
  })

  it('for anything else is 404', async () => {
    for (const path of ['/', '/observe', '/observe/../etc/passwd', '/observe/health/live/x', '//x']) {
      expect([path, (await get(path)).status]).toEqual([path, 404])
    }
  })

  it('whose path cannot be decoded is refused', async () => {
    expect((await get('/observe/%zz')).status).toBe(400)
    expect((await get('/observe/health/live?x=%zz')).status).toBe(200)
  })

  it('that is none ends its connection', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    let text = ''
    socket.on('data', data => {
      text += data
    })
    socket.write('swordfish\r\n\r\n')
    await once(socket, 'close')
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(text).not.toContain('swordfish')
  })
})

it('answers one request of a connection, however many come in one piece', async () => {
  let asked = 0
  respond = () => {
    asked++
    return { value: 'm' }
  }
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', data => {
    text += data
  })
  socket.write('GET /observe/metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100))
  await expect.poll(() => text).toContain('HTTP/1.1 200')
  socket.destroy()
  await once(socket, 'close')
  expect([asked, text.match(/HTTP\/1\.1 200/g)?.length]).toEqual([1, 1])
  expect(text.toLowerCase()).toContain('\r\nconnection: close\r\n')
})

it('takes no more connections than it was built for', async () => {
  const sockets = Array.from({ length: 80 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  await expect.poll(() => sockets.filter(socket => socket.closed).length).toBe(16)
  for (const socket of sockets) socket.destroy()
})

it('answers a probe, however many connections others keep open', async () => {
  const sockets: Socket[] = []
  for (let at = 0; at < 64; at++) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    sockets.push(socket)
    await once(socket, 'connect')
    socket.write('GET /observe/health/live HTTP/1.1\r\nx-slow: ')
  }
  expect((await get('/observe/health/live')).status).toBe(200)
  await expect.poll(() => sockets.filter(socket => socket.closed)).toEqual([sockets[0]])
  for (const socket of sockets) socket.destroy()
})
