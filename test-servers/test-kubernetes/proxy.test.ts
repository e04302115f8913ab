import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { describe } from 'vitest'
import { proxyCases } from '../test/support/proxy-cases.ts'

const cluster = sharedKubernetes()

describe.skipIf(!cluster.owned)('a proxy before the API server', () => {
  proxyCases(async () => {
    const namespace = await cluster.namespace('proxy')
    const proxy = await cluster.proxy()
    return {
      proxy,
      client: cluster.as(cluster.info.connection.token ?? '', proxy.url),
      direct: cluster.client,
      things: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
      thing: { metadata: { name: 'one' } },
      dispose: () => proxy[Symbol.asyncDispose](),
    }
  })
})
