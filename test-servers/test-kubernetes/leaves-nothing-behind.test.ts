import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findServerSource } from '@dromedary/test-servers/kubernetes'
import { sharedKubernetes } from '@dromedary/test-servers/kubernetes/vitest'
import { describe, expect, it } from 'vitest'
import { isAlive } from '../test/support/is-alive.ts'

const SCRIPT = join(import.meta.dirname, 'support/orphan.ts')

// Only our own binary looks at its standard input.
describe.skipIf(!sharedKubernetes().owned || findServerSource().kind !== 'built')('a server', () => {
  it('ends with the process that started it, even if that is killed', async () => {
    const parent = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await once(parent.stdout, 'data')
    const [folder = '', pid] = String(said).trim().split(' ')
    expect(process.kill(Number(pid), 0)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(Number(pid)), { timeout: 10_000 }).toBe(false)
    rmSync(folder, { recursive: true })
  })

  it('goes with its folder when the process that started it exits', async () => {
    const parent = spawn(process.execPath, ['--import', SCRIPT, '-e', 'process.exit()'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = await once(parent.stdout, 'data')
    const [folder = '', pid] = String(said).trim().split(' ')
    await once(parent, 'exit')
    await expect.poll(() => isAlive(Number(pid)), { timeout: 10_000 }).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })
})
