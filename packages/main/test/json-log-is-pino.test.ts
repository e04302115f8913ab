import { DromedaryError, type LogRecord } from '@dromedary/core'
import { expect, it } from 'vitest'
import { createJsonSink } from '../src/logging/json.ts'

async function written(record: LogRecord): Promise<Record<string, unknown>> {
  const lines: string[] = []
  const clock = { now: () => 1_795_000_000_123, monotonic: () => 0, setTimeout: () => expect.fail() }
  const sink = await createJsonSink(
    { write: line => void lines.push(line) },
    { root: 'trace', categories: new Map() },
    clock,
  )
  sink.write(record)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^\{.*\}\n$/)
  return JSON.parse(lines[0] as string)
}

const record: LogRecord = {
  level: 'info',
  category: 'clustered',
  context: 'leader-election',
  origin: 'timer://clustered',
  message: 'one\ntwo',
  fields: { term: 12n, namespace: 'camel-master' },
}

it("has pino's keys, Dromedary's names and the record's fields", async () => {
  expect(await written(record)).toEqual({
    level: 30,
    time: 1_795_000_000_123,
    pid: process.pid,
    hostname: expect.any(String),
    category: 'clustered',
    context: 'leader-election',
    origin: 'timer://clustered',
    term: 12,
    namespace: 'camel-master',
    msg: 'one\ntwo',
  })
})

it('writes every level', async () => {
  for (const [level, number] of [
    ['trace', 10],
    ['debug', 20],
    ['warn', 40],
    ['error', 50],
  ] as const) {
    expect((await written({ ...record, level })).level).toBe(number)
  }
})

it("has code and reason for a user's mistake, and err with a stack for anything else", async () => {
  const mistake = await written({
    ...record,
    message: '',
    error: new DromedaryError('DROMEDARY_CONFIG', 'no such key'),
  })
  expect(mistake).toMatchObject({ code: 'DROMEDARY_CONFIG', msg: 'no such key' })
  expect(mistake).not.toHaveProperty('err')
  const surprise = await written({ ...record, error: new TypeError('broken') })
  expect(surprise).toMatchObject({
    err: { type: 'TypeError', message: 'broken', stack: expect.stringContaining('at ') },
  })
})

it('never writes a key twice, whatever the fields are called', async () => {
  const line = await written({ ...record, fields: { msg: 'mine', level: 'mine', time: 1, category: 'mine' } })
  expect(line).toMatchObject({
    msg: 'one\ntwo',
    'field.msg': 'mine',
    'field.level': 'mine',
    category: 'clustered',
    level: 30,
  })
})
