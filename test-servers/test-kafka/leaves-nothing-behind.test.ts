import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findServerSource } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { describe, expect, it } from 'vitest'
import { isAlive } from '../test/support/is-alive.ts'

const SCRIPT = join(import.meta.dirname, 'support/orphan.ts')

// The pid of a container's client says nothing of the broker.
describe.skipIf(!sharedKafka().owned || findServerSource().kind !== 'java')('a broker', () => {
  const start = async (...args: string[]) => {
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await once(parent.stdout, 'data')
    const [folder = '', pid] = String(said).trim().split(' ')
    return { parent, folder, pid: Number(pid) }
  }

  it('ends with the process that started it, even if that is killed', async () => {
    const { parent, folder, pid } = await start(SCRIPT)
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    rmSync(folder, { recursive: true })
  })

  it('ends with a killed process though it stands still', async () => {
    const { parent, folder, pid } = await start(SCRIPT)
    process.kill(pid, 'SIGSTOP')
    parent.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    rmSync(folder, { recursive: true })
  })

  it('goes with its folder when the process that started it exits', async () => {
    const { parent, folder, pid } = await start('--import', SCRIPT, '-e', 'process.exit()')
    if (parent.exitCode === null) await once(parent, 'exit')
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
    expect(existsSync(folder)).toBe(false)
  })
})
