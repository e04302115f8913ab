import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

it('a process whose member drains stays until it has released', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-drain-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const script = join(folder, 'run.mts')
  writeFileSync(
    script,
    `import { createKubernetesClusterService } from ${JSON.stringify(join(import.meta.dirname, '../../src/index.ts'))}
     let lease, version = 1
     const stored = l => (lease = { ...l, metadata: { ...l.metadata, uid: 'u', resourceVersion: String(version++) } })
     const soon = v => new Promise(r => setTimeout(r, 2, v))
     const api = {
       namespace: 'default',
       readLease: () => soon(lease),
       createLease: l => soon(lease ? undefined : stored(l)),
       replaceLease: l => soon(l.metadata.resourceVersion === lease?.metadata.resourceVersion ? stored(l) : undefined),
       watchLeases: () => ({ close() {} }),
       watchPod: () => ({ close() {} }),
       readPod: () => soon(undefined),
       may: () => soon(true),
       close() {},
     }
     const member = createKubernetesClusterService({ connect: async () => api, podName: 'p', env: {} })
     await member.start()
     const campaign = member.campaign('ns', { participant: 'r' })
     const leadership = await new Promise(resolve => campaign.leadership.subscribe(l => l && resolve(l)))
     // Work under way that ends by itself, and whose handle is not counted.
     leadership.closing.addEventListener('abort', () => setTimeout(() => leadership.drained(), 3_000).unref())
     process.on('exit', code => console.log('exit', code, JSON.stringify(lease.spec.holderIdentity)))
     await campaign[Symbol.asyncDispose]()
     await member.stop()`,
  )
  const { stdout } = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 20_000 })
  expect(stdout).toBe('exit 0 ""\n')
}, 30_000)
