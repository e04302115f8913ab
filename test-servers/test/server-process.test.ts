import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { spawnServer } from '../src/server-process.ts'
import { temporaryFolder } from './support/folder.ts'
import { isAlive } from './support/is-alive.ts'

const ORPHAN = join(import.meta.dirname, 'support/orphan.ts')

/** A node process that lives until it is ended. */
function spawn(script = 'setInterval(() => {}, 1000)', log = join(temporaryFolder(), 'log')) {
  return spawnServer({ file: process.execPath, args: ['-e', script], log })
}

it.each(['exit', 'throw'])('ends with the process that started it: %s', async how => {
  const log = join(temporaryFolder(), 'log')
  const output = await new Promise<string>(resolve => {
    execFile(process.execPath, [ORPHAN, log, how], (_error, stdout) => resolve(stdout))
  })
  const pid = Number(output)
  expect(pid).toBeGreaterThan(0)
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 5_000 })
})

it('appends what it says to its log', async () => {
  const log = join(temporaryFolder(), 'log')
  await (await spawn(`console.log('out')`, log)).exited
  await (await spawn(`console.error('error')`, log)).exited
  expect(readFileSync(log, 'utf8')).toBe('out\nerror\n')
})

it('notices the end of its parent by its standard input, and none before that', async () => {
  const server = await spawn(`process.stdin.resume().on('end', () => process.exit(1))`)
  expect(server.running).toBe(true)
  expect(await server.stop(10_000)).toBe(true)
})

it('is stopped also when it stands still, and killed when it does not listen', async () => {
  const log = join(temporaryFolder(), 'log')
  const deaf = await spawn(`process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000)`, log)
  await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toContain('ready'), { timeout: 5_000 })
  expect(await deaf.stop(50)).toBe(false)
  const still = await spawn()
  still.signal('SIGSTOP')
  expect(await still.stop(10_000)).toBe(true)
  expect(still.signal('SIGKILL')).toBe(false)
})

it('rejects what cannot be started', async () => {
  const log = join(temporaryFolder(), 'log')
  await expect(spawnServer({ file: '/nowhere/server', args: [], log })).rejects.toMatchObject({ code: 'ENOENT' })
})
