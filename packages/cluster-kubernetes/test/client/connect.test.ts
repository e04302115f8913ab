import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDromedaryError, systemClock } from '@dromedary/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connectApi } from '../../src/client/connect.ts'
import { createKubernetesClusterService } from '../../src/index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dromedary-connect-'))
  vi.stubEnv('HOME', folder)
  vi.stubEnv('KUBECONFIG', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

function file(content: unknown, name = 'config'): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const whole = {
  'current-context': 'x',
  clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1', 'insecure-skip-tls-verify': true } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  users: [{ name: 'u', user: { token: 't' } }],
}

async function refusal(options: { kubeconfig?: string }): Promise<string> {
  const service = createKubernetesClusterService({ ...options, env: {} })
  const error: unknown = await service.start().then(
    () => expect.fail('was not refused'),
    cause => cause,
  )
  expect(isDromedaryError(error, 'DROMEDARY_CLUSTER_CONFIG')).toBe(true)
  await service.stop()
  return (error as Error).message
}

const SENTENCE = /^The configuration of the Kubernetes client \(.*\) cannot be used: [^\n]+\.$/

describe('a kubeconfig that cannot be used makes start reject, in one sentence that names the file', () => {
  it.each<readonly [string, unknown]>([
    ['is empty', ''],
    ['is no YAML', '{"clusters": ['],
    ['is no YAML, over several lines', 'a: b\n  c: d\n: e\n'],
    ['is a word', 'hello'],
    ['has no current context', { ...whole, 'current-context': undefined }],
    ['has a current context that there is not', { ...whole, 'current-context': 'y' }],
    ['names a cluster that there is not', { ...whole, clusters: [] }],
    ['names a user that there is not', { ...whole, users: [] }],
    ['has a server that is no URL', { ...whole, clusters: [{ name: 'c', cluster: { server: 'here' } }] }],
    ['has no server', { ...whole, clusters: [{ name: 'c', cluster: {} }] }],
    ['has a cluster without a name', { ...whole, clusters: [{ cluster: { server: 'https://x' } }] }],
  ])('it %s', async (_, content) => {
    const path = file(content)
    for (const given of [{ kubeconfig: path }, {}]) {
      vi.stubEnv('KUBECONFIG', path)
      const said = await refusal(given)
      expect(said).toMatch(SENTENCE)
      expect(said).toContain(path)
    }
  })

  it('there is none at that path', async () => {
    const path = join(folder, 'none')
    expect(await refusal({ kubeconfig: path })).toMatch(/none.*cannot be used: ENOENT/)
    vi.stubEnv('KUBECONFIG', path)
    expect(await refusal({})).toMatch(/none.*cannot be used: ENOENT/)
  })

  it('the path is a folder', async () => {
    expect(await refusal({ kubeconfig: folder })).toMatch(SENTENCE)
  })

  it('is the one at home', async () => {
    mkdirSync(join(folder, '.kube'))
    const path = file('{"clusters": [', '.kube/config')
    const said = await refusal({})
    expect(said).toMatch(SENTENCE)
    expect(said).toContain(path)
  })
})

it('without any configuration start says where it was looked for', async () => {
  const service = createKubernetesClusterService({ env: {} })
  await expect(service.start()).rejects.toMatchObject({
    code: 'DROMEDARY_CLUSTER_CONFIG',
    message:
      'The configuration of the Kubernetes client cannot be used: there is neither KUBECONFIG nor ~/.kube/config, nor the service account of a pod.',
  })
})

describe('the namespace is', () => {
  const connect = (content: unknown, namespace?: string) =>
    connectApi({ kubeconfig: file(content), namespace, connectionTimeout: 1_000, clock: systemClock }).namespace
  const withNamespace = (namespace: unknown) => ({
    ...whole,
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }],
  })

  it('that of the options', () => {
    expect(connect(withNamespace('there'), 'here')).toBe('here')
  })

  it("else that of the kubeconfig's context", () => {
    expect(connect(withNamespace('there'))).toBe('there')
  })

  it.each([undefined, '', null, ' \n'])('else default: %j', namespace => {
    expect(connect(withNamespace(namespace))).toBe('default')
  })
})

it('connecting opens nothing: a server that is not there is a matter of health', async () => {
  const service = createKubernetesClusterService({ kubeconfig: file(whole), env: {} })
  await service.start()
  await service.stop()
})
