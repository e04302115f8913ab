import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnMember } from '@dromedary/testing/harness'
import { expect, it, type TestContext } from 'vitest'
import { UNREACHABLE } from './kubeconfigs.ts'
import { MAIN, set, temporaryFolder } from './members.ts'

const TELL = fileURLToPath(new URL('fixtures/tell-loaded-modules.ts', import.meta.url))

/** The modules that a process of the example has loaded by its end. */
async function loadedWith(test: TestContext, service: string, ...settings: string[]): Promise<string[]> {
  const folder = temporaryFolder(test)
  const file = join(folder, 'loaded.json')
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, UNREACHABLE)
  await using member = await spawnMember({
    script: MAIN,
    nodeArgs: ['--import', TELL],
    args: set(
      `cluster.service=${service}`,
      `cluster.file.root=${folder}`,
      `cluster.kubernetes.kubeconfig=${kubeconfig}`,
      ...settings,
    ),
    env: { LOADED_MODULES: file },
  })
  await member.waitForLine('HeartBeating')
  await member.stop()
  return JSON.parse(readFileSync(file, 'utf8'))
}

const OF_FILE = /\/packages\/cluster-file\/|\/proper-lockfile\//
/** Observability, and what it brings along. */
const OF_OBSERVABILITY = /\/packages\/observability\/|\/prom-client\/|\/h3\/|\/srvx\//
const OF_KUBERNETES = /\/packages\/cluster-kubernetes\/|\/@kubernetes\/client-node\//

it('file loads nothing of Kubernetes, and Kubernetes nothing of files', { timeout: 60_000 }, async test => {
  const [file, kubernetes] = [await loadedWith(test, 'file'), await loadedWith(test, 'kubernetes')]
  expect(file.filter(url => OF_KUBERNETES.test(url))).toEqual([])
  expect(kubernetes.filter(url => OF_FILE.test(url))).toEqual([])
  // Each would be seen.
  for (const folder of ['/packages/cluster-file/', '/proper-lockfile/']) {
    expect(file.filter(url => url.includes(folder)).length).toBeGreaterThan(0)
  }
  for (const folder of ['/packages/cluster-kubernetes/', '/@kubernetes/client-node/']) {
    expect(kubernetes.filter(url => url.includes(folder)).length).toBeGreaterThan(0)
  }
})

it('nothing of observability is loaded unless it is turned on', { timeout: 60_000 }, async test => {
  const [off, on] = [
    await loadedWith(test, 'file'),
    await loadedWith(test, 'file', 'observe.enabled=true', 'observe.port=0'),
  ]
  expect(off.filter(url => OF_OBSERVABILITY.test(url))).toEqual([])
  for (const folder of ['/packages/observability/', '/prom-client/']) {
    expect(on.filter(url => url.includes(folder)).length).toBeGreaterThan(0)
  }
})
