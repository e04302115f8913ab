import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { archiveFlags } from '../src/kafka/archive.ts'
import { temporaryFolder } from './support/folder.ts'

/** A JVM that does as the flag says. */
async function dump([flag = '']: readonly string[]): Promise<void> {
  writeFileSync(flag.replace('-XX:ArchiveClassesAtExit=', ''), 'classes')
}

it('is made once, also if two want it at the same time', async () => {
  const home = temporaryFolder()
  const run = vi.fn(dump)
  const flags = [`-XX:SharedArchiveFile=${join(home, 'classes.jsa')}`]
  expect(await Promise.all([archiveFlags(home, vi.fn(), run), archiveFlags(home, vi.fn(), run)])).toEqual([
    flags,
    flags,
  ])
  expect(await archiveFlags(home, vi.fn(), run)).toEqual(flags)
  expect(run).toHaveBeenCalledTimes(1)
})

it('is done without, and not tried again, where the JVM makes none', async () => {
  const home = temporaryFolder()
  const run = vi.fn(async () => {})
  expect(await archiveFlags(home, vi.fn(), run)).toEqual([])
  expect(await archiveFlags(home, vi.fn(), run)).toEqual([])
  expect(run).toHaveBeenCalledTimes(1)
})

it('is tried again after a failure, of which nothing is left', async () => {
  const home = temporaryFolder()
  const fails = async (flags: readonly string[]) => {
    await dump(flags)
    throw new Error('no')
  }
  await expect(archiveFlags(home, vi.fn(), fails)).rejects.toThrow('no')
  expect(readdirSync(home)).toEqual([])
  await archiveFlags(home, vi.fn(), dump)
  expect(existsSync(join(home, 'classes.jsa'))).toBe(true)
})
