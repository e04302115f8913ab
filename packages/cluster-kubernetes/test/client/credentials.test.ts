import { selfSigned } from '@dromedary/test-servers/certificate'
import { describe, expect, it } from 'vitest'
import { json, refuse, SmallServer, stored } from './small-server.ts'

/** Lets in who shows one of these tokens. */
async function letsIn(...tokens: string[]): Promise<SmallServer & { tokens: string[] }> {
  const server = await SmallServer.start(({ headers }, response) => {
    const token = headers.authorization?.replace(/^Bearer /, '') ?? ''
    if (tokens.includes(token)) json(response, 200, stored())
    else refuse(response, 401, 'Unauthorized', 'Unauthorized')
  })
  return Object.assign(server, { tokens })
}

const shown = (server: SmallServer) => server.seen.map(({ headers }) => headers.authorization)

/** The ways in which a kubeconfig and a pod name a file with a token. */
const files = [
  ['tokenFile', (tokenFile: string) => ({ tokenFile })],
  [
    'the service account of a pod',
    (tokenFile: string) => ({ 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }),
  ],
] as const

describe.each(files)('a token in a file, by %s', (_, user) => {
  it('is read again after a 401, and the request is sent again: nobody notices', async () => {
    const server = await letsIn('first')
    const file = server.file('token', 'first')
    const api = server.connect({ user: user(file) })
    await api.readLease('a')
    server.file('token', 'second')
    server.tokens.splice(0, 1, 'second')
    expect(await api.readLease('a')).toEqual(stored())
    expect(await api.replaceLease(stored())).toEqual(stored())
    expect(shown(server)).toEqual(['Bearer first', 'Bearer first', 'Bearer second', 'Bearer second'])
  })

  it('may end in a line break', async () => {
    const server = await letsIn('first')
    expect(await server.connect({ user: user(server.file('token', 'first\n')) }).readLease('a')).toEqual(stored())
  })

  it('that is of no use is asked for once more, not for ever', async () => {
    const server = await letsIn('other')
    const api = server.connect({ user: user(server.file('token', 'revoked')) })
    await expect(api.readLease('a')).rejects.toMatchObject({ name: 'ApiFailure', status: 401, reason: 'Unauthorized' })
    expect(server.seen).toHaveLength(2)
  })

  it('is read again after a watch was refused with it', async () => {
    const server = await letsIn('first')
    const api = server.connect({ user: user(server.file('token', 'first')) })
    await api.readLease('a')
    server.file('token', 'second')
    server.tokens.splice(0, 1, 'second')
    const closed = Promise.withResolvers<number | undefined>()
    api.watchLeases({ name: 'a' }, { opened() {}, event() {}, closed: failure => closed.resolve(failure?.status) })
    expect(await closed.promise).toBe(401)
    const opened = Promise.withResolvers<string>()
    const closedAgain = () => opened.resolve('closed')
    api.watchLeases({ name: 'a' }, { opened: () => opened.resolve('opened'), event() {}, closed: closedAgain })
    expect(await opened.promise).toBe('opened')
  })
})

describe('a kubeconfig that is rewritten', () => {
  it('is read again after a 401', async () => {
    const server = await letsIn('second')
    const api = server.connect({ user: { token: 'first' } })
    server.kubeconfig({ user: { token: 'second' } })
    expect(await api.readLease('a')).toEqual(stored())
  })

  it('and is broken at that moment makes requests fail, and nothing else, until it is whole', async () => {
    const server = await letsIn('second')
    const api = server.connect({ user: { token: 'first' } })
    server.file('config', '{"clusters": [')
    await expect(api.readLease('a')).rejects.toMatchObject({ name: 'ApiFailure' })
    server.kubeconfig({ user: { token: 'second' } })
    expect(await api.readLease('a')).toEqual(stored())
  })
})

describe('the server', () => {
  it('is trusted by the certificate of the kubeconfig, as data or as a file beside it', async () => {
    const server = await letsIn('secret')
    await server.connect().readLease('a')
    server.file('ca.crt', server.cert)
    await server.connect({ cluster: { server: server.url, 'certificate-authority': 'ca.crt' } }).readLease('a')
    expect(server.connections).toBe(2)
  })

  it('is not trusted by another one, and hears no token', async () => {
    const server = await letsIn('secret')
    const other = Buffer.from(selfSigned().cert).toString('base64')
    for (const cluster of [{ 'certificate-authority-data': other }, { server: server.url }]) {
      const failed = server.connect({ cluster: { server: server.url, ...cluster } }).readLease('a')
      await expect(failed).rejects.toMatchObject({
        name: 'ApiFailure',
        status: undefined,
        reason: expect.stringMatching(/SELF_SIGNED|CERT/),
      })
    }
    expect(server.seen).toEqual([])
  })

  it('is trusted blindly where that is asked for', async () => {
    const server = await letsIn('secret')
    const cluster = { server: server.url, 'insecure-skip-tls-verify': true }
    expect(await server.connect({ cluster }).readLease('a')).toEqual(stored())
  })
})

it('we show the client certificate of the kubeconfig, and another one once it has rotated', async () => {
  const server = await SmallServer.start((_, response) => json(response, 200, stored()))
  const [first, second] = [selfSigned(), selfSigned()]
  const user = { 'client-certificate': `${server.folder}/tls.crt`, 'client-key': `${server.folder}/tls.key` }
  const write = ({ cert, key }: typeof first) => void [server.file('tls.crt', cert), server.file('tls.key', key)]
  write(first)
  const api = server.connect({ user })
  await api.readLease('a')
  write(second)
  await api.readLease('a')
  const pem = (cert: string) => cert.replaceAll(/-----[^-]+-----|\n/g, '')
  expect(server.seen.map(({ certificate }) => certificate)).toEqual([pem(first.cert), pem(second.cert)])
})
