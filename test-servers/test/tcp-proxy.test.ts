import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { startTcpProxy, type TcpProxy } from '@dromedary/test-servers/proxy'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { listen } from '../src/proxy/wire.ts'

let proxy: TcpProxy
/** What the server has received, and on which connections. */
let received: string
let clients: Socket[]
let closeServer: () => void

beforeEach(async () => {
  received = ''
  clients = []
  const sockets = new Set<Socket>()
  // Says everything again.
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket
      .on('error', () => {})
      .on('data', chunk => {
        received += chunk
        socket.write(chunk)
      })
    socket.on('end', () => socket.end())
  })
  const to = await listen(server)
  proxy = await startTcpProxy({ to })
  closeServer = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await proxy[Symbol.asyncDispose]()
  closeServer()
})

async function client() {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  clients.push(socket)
  const heard = { text: '', error: undefined as NodeJS.ErrnoException | undefined, closed: false, ended: false }
  socket.on('data', chunk => {
    heard.text += chunk
  })
  socket.on('error', error => {
    heard.error = error
  })
  socket.on('end', () => {
    heard.ended = true
  })
  socket.on('close', () => {
    heard.closed = true
  })
  await once(socket, 'connect')
  return { socket, heard }
}

const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 2 })

it('passes bytes either way, and each end', async () => {
  const { socket, heard } = await client()
  socket.write('hello')
  await soon(() => expect(heard.text).toBe('hello'))
  expect(proxy.connections).toBe(1)
  socket.end(' and goodbye')
  await soon(() => expect(heard).toMatchObject({ text: 'hello and goodbye', ended: true, closed: true }))
  await soon(() => expect(proxy.connections).toBe(0))
})

it('passes much, without holding it', async () => {
  const { socket, heard } = await client()
  const much = 'x'.repeat(8 << 20)
  socket.end(much)
  await soon(() => expect(heard.ended).toBe(true))
  expect(heard.text.length).toBe(much.length)
})

it('refuses, ends what is there, and listens on the same port again', async () => {
  const { heard } = await client()
  await proxy.refuse()
  await soon(() => expect(heard.closed).toBe(true))
  await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await proxy.pass()
  const { socket, heard: again } = await client()
  socket.write('again')
  await soon(() => expect(again.text).toBe('again'))
})

it('resets', async () => {
  const { heard } = await client()
  await proxy.reset()
  await soon(() => expect(heard.error?.code).toBe('ECONNRESET'))
})

it('is a black hole, and what was held arrives afterwards', async () => {
  const old = await client()
  await proxy.blackHole()
  const young = await client()
  old.socket.write('old')
  young.socket.write('young')
  await soon(() => expect(proxy.connections).toBe(2))
  expect(received).toBe('')
  await proxy.pass()
  await soon(() => expect([old.heard.text, young.heard.text]).toEqual(['old', 'young']))
})

it('holds one direction', async () => {
  const { socket, heard } = await client()
  await proxy.holdAnswers()
  socket.write('done')
  await soon(() => expect(received).toBe('done'))
  expect(heard.text).toBe('')
  await proxy.holdRequests()
  await soon(() => expect(heard.text).toBe('done'))
  socket.write(' held')
  const { socket: other } = await client()
  other.write('held too')
  await soon(() => expect(proxy.connections).toBe(2))
  expect(received).toBe('done')
  await proxy.pass()
  await soon(() => expect(heard.text).toBe('done held'))
})

it('delays each byte, and does not make a queue of it', async () => {
  const { socket, heard } = await client()
  proxy.delay(100)
  const started = performance.now()
  for (let i = 0; i < 30; i++) {
    socket.write(String(i % 10))
    await new Promise(setImmediate)
  }
  await soon(() => expect(heard.text).toBe('0123456789'.repeat(3)))
  const took = performance.now() - started
  expect(took).toBeGreaterThanOrEqual(199)
  // One after the other it would be six seconds.
  expect(took).toBeLessThan(3_000)
})

it('throttles, and no byte is lost or out of place', async () => {
  const { socket, heard } = await client()
  proxy.throttle(100_000)
  const text = Array.from({ length: 5_000 }, (_, i) => String(i).padStart(8, '0')).join('')
  const started = performance.now()
  socket.end(text)
  await soon(() => expect(heard.ended).toBe(true))
  // 40 kB there, and back meanwhile.
  expect(performance.now() - started).toBeGreaterThan(300)
  expect(heard.text).toBe(text)
})

it('lets the server see at most what the rate allows, and the client wait', async () => {
  const { socket } = await client()
  proxy.throttle(10_000)
  socket.write('x'.repeat(16 << 20))
  // Half a second, in which a proxy that holds everything would have read everything.
  await soon(() => expect(received.length).toBeGreaterThanOrEqual(5_000))
  expect(received.length).toBeLessThan(10_000)
  expect(socket.writableLength).toBeGreaterThan(8 << 20)
})

it('has nothing wrong any more after pass, also for what is on its way', async () => {
  const { socket, heard } = await client()
  proxy.delay(60_000)
  proxy.throttle(10)
  socket.write('x'.repeat(1_000))
  await client()
  await proxy.pass()
  await soon(() => expect(heard.text.length).toBe(1_000))
})

it('says that its port is taken', async () => {
  await expect(startTcpProxy({ to: 1, port: proxy.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
})

it('breaks what the server breaks', async () => {
  const { socket, heard } = await client()
  socket.write('x')
  await soon(() => expect(heard.text).toBe('x'))
  closeServer()
  await soon(() => expect(heard.closed).toBe(true))
})
