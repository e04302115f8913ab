import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { formatRecord, type OwnerRecord, parseRecord } from '../src/owner-record.ts'
import { probe } from '../src/sentinel.ts'

const record: OwnerRecord = {
  nonce: 'n',
  namespace: 'ns',
  id: 'holder',
  incarnation: 'i',
  pid: 1,
  host: 'here',
  socket: join(process.cwd(), 'socket'),
  socketFile: '1:2',
  updateMs: 1000,
  staleMs: 5000,
  intervalMs: 1000,
}

it.each(['', '1234', '99999', 'sockets/x', './x'])('a record with the socket %j is torn: only time judges', socket => {
  expect(parseRecord(formatRecord(record))).toEqual(record)
  expect(parseRecord(formatRecord({ ...record, socket }))).toBeUndefined()
})

it.each([
  ['nothing', ''],
  ['a number', '99999'],
  ['a long path', `/${'x'.repeat(5000)}`],
  ['a path with a zero', '/a\0b'],
])('asking at %s proves nothing and throws nothing', async (_, path) => {
  expect((await probe(path)).seen).toBe('unknown')
})

it('a number is no port: a refusal there would prove a death', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? String(address.port) : ''
  expect((await probe(port)).seen).toBe('unknown')
  await new Promise(resolve => server.close(resolve))
  expect((await probe(port)).seen).toBe('unknown')
})
