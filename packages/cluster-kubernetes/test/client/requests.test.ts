import { describe, expect, it } from 'vitest'
import { ApiFailure, type KubernetesApi } from '../../src/api.ts'
import { json, refuse, SmallServer, stored } from './small-server.ts'

const failure = (promise: Promise<unknown>) =>
  promise.then(
    value => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ApiFailure)
      return error as ApiFailure
    },
  )

describe('a request', () => {
  it('is what the API server understands, and its answer is left as it is', async () => {
    const lease = { ...stored(), spec: { ...stored().spec, strategy: 'of a later version' }, status: { more: 1 } }
    const server = await SmallServer.start((_, response) => json(response, 200, lease))
    const api = server.connect({ context: { namespace: 'here' } })
    expect(await api.readLease('a')).toEqual(lease)
    expect(await api.createLease(stored())).toEqual(lease)
    expect(await api.replaceLease(stored('b'))).toEqual(lease)
    const [get, post, put] = server.seen
    const base = '/apis/coordination.k8s.io/v1/namespaces/here/leases'
    expect(server.seen.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      `GET ${base}/a`,
      `POST ${base}`,
      `PUT ${base}/b`,
    ])
    expect(get?.headers).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer secret',
      'user-agent': 'dromedary',
    })
    expect(get?.headers['content-type']).toBeUndefined()
    expect(post?.headers['content-type']).toBe('application/json')
    expect([JSON.parse(post?.body ?? ''), JSON.parse(put?.body ?? '')]).toEqual([stored(), stored('b')])
  })

  it('for pods, rights and who we are goes where these are', async () => {
    const server = await SmallServer.start(({ url }, response) => {
      if (url.pathname.endsWith('accessreviews')) json(response, 201, { status: { allowed: url.pathname.length > 0 } })
      else json(response, 200, stored('p'))
    })
    const api = server.connect()
    await api.readPod('p/../x')
    expect(await api.may({ verb: 'get', group: '', resource: 'pods', name: 'p' })).toBe(true)
    expect(await api.may({ verb: 'watch', group: 'coordination.k8s.io', resource: 'leases' })).toBe(true)
    const paths = server.seen.map(({ url }) => url.pathname)
    expect(paths[0]).toBe('/api/v1/namespaces/default/pods/p%2F..%2Fx')
    expect(paths.slice(1)).toEqual(Array(2).fill('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'))
    const specs = server.seen.slice(1).map(({ body }) => JSON.parse(body).spec.resourceAttributes)
    expect(specs).toEqual([
      { namespace: 'default', verb: 'get', group: '', resource: 'pods', name: 'p' },
      { namespace: 'default', verb: 'watch', group: 'coordination.k8s.io', resource: 'leases' },
    ])
  })

  it('whose right is not granted says so', async () => {
    const server = await SmallServer.start((_, response) => json(response, 201, { status: { allowed: false } }))
    expect(await server.connect().may({ verb: 'get', group: '', resource: 'pods' })).toBe(false)
  })
})

describe('an answer that is one to the question', () => {
  const missing = 'leases.coordination.k8s.io "a" not found'

  it.each<readonly [string, number, string, string, (api: KubernetesApi) => Promise<unknown>]>([
    ['a Lease that there is not', 404, 'NotFound', missing, api => api.readLease('a')],
    ['a pod that there is not', 404, 'NotFound', 'pods "a" not found', api => api.readPod('a')],
    ['a Lease that exists already', 409, 'AlreadyExists', 'exists', api => api.createLease(stored())],
    ['a Lease that has changed', 409, 'Conflict', 'has been modified', api => api.replaceLease(stored())],
    ['a Lease that is gone', 404, 'NotFound', missing, api => api.replaceLease(stored())],
  ])('%s: undefined', async (_, status, reason, message, ask) => {
    const server = await SmallServer.start((_, response) => refuse(response, status, reason, message))
    expect(await ask(server.connect())).toBeUndefined()
  })
})

describe('a failure', () => {
  it.each([
    [403, 'Forbidden', 'leases.coordination.k8s.io is forbidden: User "x" cannot create resource "leases"'],
    [422, 'Invalid', 'Lease "a" is invalid: spec.leaseDurationSeconds'],
    [429, 'TooManyRequests', 'too many requests'],
    [500, 'InternalError', 'etcdserver: request timed out'],
    [503, 'ServiceUnavailable', 'shutting down'],
  ])('%d has the status, the reason and the words of the server', async (status, reason, message) => {
    const server = await SmallServer.start((_, response) => refuse(response, status, reason, message))
    const api = server.connect()
    for (const ask of [api.readLease('a'), api.createLease(stored()), api.replaceLease(stored()), api.readPod('p')]) {
      expect(await failure(ask)).toMatchObject({ status, reason, message })
    }
  })

  it('is a namespace that there is not: on a write, which the server tells from a Lease that there is not', async () => {
    const message = 'namespaces "nowhere" not found'
    const server = await SmallServer.start((_, response) => refuse(response, 404, 'NotFound', message))
    const api = server.connect()
    expect(await failure(api.createLease(stored()))).toMatchObject({ status: 404, message })
    expect(await failure(api.readLease('a'))).toMatchObject({ status: 404, reason: 'NotFound', message })
  })

  it.each(['404 page not found', '<html><h1>404 Not Found</h1></html>'])(
    'is a 404 of something else: %s',
    async page => {
      const server = await SmallServer.start((_, response) => json(response, 404, page))
      expect(await failure(server.connect().readLease('a'))).toMatchObject({
        status: 404,
        message: 'the server answered 404: does it have coordination.k8s.io/v1?',
      })
    },
  )

  it.each([502, 301, 403])('is the HTML page of a proxy, with %d', async status => {
    const server = await SmallServer.start((_, response) => {
      response.writeHead(status, { 'content-type': 'text/html', location: '/login' })
      response.end('<html><body>Bad Gateway</body></html>')
    })
    const found = await failure(server.connect().readLease('a'))
    expect(found).toMatchObject({ status, reason: String(status), message: `the server answered ${status}` })
    expect(server.seen).toHaveLength(1)
  })

  it.each(['', 'null', '{}', '<html>ok</html>', '[]'])('is an answer 200 without the object: %j', async body => {
    const server = await SmallServer.start((_, response) => json(response, 200, body))
    const api = server.connect()
    await failure(api.readLease('a'))
    await failure(api.replaceLease(stored()))
    await failure(api.createLease(stored()))
  })

  it('is an answer larger than 8 MiB, which is not read to its end', async () => {
    let ended = false
    const server = await SmallServer.start((_, response) => {
      response.writeHead(200)
      response.on('close', () => {
        ended = response.writableFinished
      })
      const chunk = 'x'.repeat(1024 * 1024)
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    expect(await failure(server.connect().readLease('a'))).toMatchObject({
      reason: 'EMSGSIZE',
      message: 'the answer is too large',
    })
    expect(ended).toBe(false)
  })

  it('has the code of the network, and no status, where there was no answer', async () => {
    const server = await SmallServer.start((_, response) => void response.socket?.destroy())
    const api = server.connect()
    expect(await failure(api.readLease('a'))).toMatchObject({ status: undefined, reason: 'ECONNRESET' })
    await server.stop()
    expect(await failure(api.readLease('a'))).toMatchObject({ status: undefined, reason: 'ECONNREFUSED' })
  })

  it('is an answer that breaks off', async () => {
    const server = await SmallServer.start((_, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('{"metadata":', () => response.destroy())
    })
    expect((await failure(server.connect().readLease('a'))).status).toBeUndefined()
  })
})
