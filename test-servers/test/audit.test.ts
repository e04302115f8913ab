import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { auditEvents, auditMark } from '../src/kubernetes/audit.ts'
import { temporaryFolder } from './support/folder.ts'

const line = (verb: string, username = 'me') =>
  `${JSON.stringify({
    kind: 'Event',
    stage: 'ResponseComplete',
    requestURI: '/apis/coordination.k8s.io/v1/namespaces/test/leases/one',
    verb,
    user: { username },
    objectRef: { resource: 'leases', namespace: 'test', name: 'one' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: '2026-11-26T13:51:16.804926Z',
    stageTimestamp: '2026-11-26T13:51:16.805926Z',
  })}\n`

it('has the events since a mark that a filter lets through', () => {
  const file = join(temporaryFolder(), 'audit.log')
  expect(auditMark(file)).toBe(0)
  expect(auditEvents(file, 0, {})).toEqual([])
  appendFileSync(file, line('get'))
  const mark = auditMark(file)
  appendFileSync(file, line('update') + line('update', 'ünother') + line('create'))
  expect(auditEvents(file, mark, { user: 'me' }).map(({ verb }) => verb)).toEqual(['update', 'create'])
  expect(auditEvents(file, mark, { user: 'ünother', verb: 'update' })).toEqual([
    {
      user: 'ünother',
      verb: 'update',
      resource: 'leases',
      subresource: undefined,
      namespace: 'test',
      name: 'one',
      code: 200,
      stage: 'ResponseComplete',
      uri: '/apis/coordination.k8s.io/v1/namespaces/test/leases/one',
      userAgent: undefined,
      receivedAt: new Date('2026-11-26T13:51:16.804Z'),
      time: new Date('2026-11-26T13:51:16.805Z'),
    },
  ])
})

it('leaves out the event that is being written', () => {
  const file = join(temporaryFolder(), 'audit.log')
  appendFileSync(file, line('get') + line('list').slice(0, 40))
  expect(auditEvents(file, 0, {}).map(({ verb }) => verb)).toEqual(['get'])
  appendFileSync(file, line('list').slice(40))
  expect(auditEvents(file, 0, {}).map(({ verb }) => verb)).toEqual(['get', 'list'])
})
