import type { AuditEvent } from '@dromedary/test-servers/kubernetes'
import { expect, it } from 'vitest'
import { requestsOf } from '../src/kubernetes/requests.ts'

const event = (verb: string, resource: string, second: number, stage: AuditEvent['stage'] = 'ResponseComplete') => {
  const at = new Date(1_000 * second)
  const rest = { subresource: undefined, namespace: 'n', name: 'x', code: 200, uri: '', userAgent: undefined }
  return { user: 'member', verb, resource, stage, receivedAt: at, time: at, ...rest } satisfies AuditEvent
}

it('counts what a member sent since, and the watches that are open', () => {
  const events = [
    event('watch', 'leases', 0, 'ResponseStarted'),
    event('watch', 'pods', 0, 'ResponseStarted'),
    event('create', 'selfsubjectaccessreviews', 1),
    event('get', 'leases', 1),
    event('update', 'leases', 5),
    event('get', 'leases', 6),
    event('get', 'pods', 7),
    event('get', 'pods', 8),
    event('watch', 'pods', 0),
    event('watch', 'pods', 9, 'ResponseStarted'),
    event('update', 'leases', 9),
  ]
  expect(requestsOf(events, new Date(5_000))).toEqual({ writes: 2, reads: 1, others: ['2 get pods'], watches: 2 })
})
