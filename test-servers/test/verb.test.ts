import { expect, it } from 'vitest'
import { verbOf } from '../src/kubernetes/proxy/verb.ts'

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/test/leases'

it.each([
  ['GET', `${LEASES}/one`, 'get'],
  ['GET', LEASES, 'list'],
  ['GET', `${LEASES}?fieldSelector=metadata.name%3Done`, 'list'],
  ['GET', `${LEASES}?watch=true`, 'watch'],
  ['GET', `${LEASES}?watch=1&x=y`, 'watch'],
  ['GET', `${LEASES}?watch=false`, 'list'],
  ['GET', '/apis/coordination.k8s.io/v1/leases', 'list'],
  ['GET', '/api/v1/namespaces', 'list'],
  ['GET', '/api/v1/namespaces/test', 'get'],
  ['GET', '/api/v1/namespaces/test/pods/one/log', 'get'],
  ['POST', LEASES, 'create'],
  ['PUT', `${LEASES}/one`, 'update'],
  ['PATCH', '/api/v1/namespaces/test/pods/one/status', 'patch'],
  ['DELETE', `${LEASES}/one`, 'delete'],
  ['DELETE', LEASES, 'deletecollection'],
  ['GET', '/version', 'other'],
  ['GET', '/api/v1', 'other'],
])('%s %s is %s', (method, path, verb) => {
  expect(verbOf(method, path)).toBe(verb)
})
