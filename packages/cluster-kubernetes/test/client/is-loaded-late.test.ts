import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)
const PACKAGE = join(import.meta.dirname, '..', '..')

/** What a fresh process prints, and whether it has loaded the client of Kubernetes by then. */
async function loads(code: string): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module'
    let loaded = false
    registerHooks({
      resolve(specifier, context, next) {
        loaded ||= specifier.startsWith('@kubernetes/client-node')
        return next(specifier, context)
      },
    })
    const say = what => console.log(what, loaded)
    const { createKubernetesClusterService, kubernetesCluster } = await import('@dromedary/cluster-kubernetes')
    ${code}`
  const args = ['--input-type=module', '--no-warnings', '--eval', program]
  const { stdout } = await run(process.execPath, args, { cwd: PACKAGE, timeout: 20_000 })
  return stdout.trim().split('\n')
}

it('importing the package, making a service and campaigning does not load @kubernetes/client-node, starting does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-late-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const kubeconfig = join(folder, 'config')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      users: [{ name: 'u', user: { token: 't' } }],
    }),
  )
  const lines = await loads(`
    say('imported')
    const service = createKubernetesClusterService({ kubeconfig: ${JSON.stringify(kubeconfig)} })
    kubernetesCluster.schema.parse({})
    service.observe('ns').subscribe(() => {})
    const campaign = service.campaign('ns', { participant: 'route' })
    say('made')
    await service.start()
    say('started')
    await campaign[Symbol.asyncDispose]()
    await service.stop()
  `)
  expect(lines).toEqual(['imported false', 'made false', 'started true'])
})
