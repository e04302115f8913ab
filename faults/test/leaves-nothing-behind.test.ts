import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnMember } from '@dromedary/testing/harness'
import { expect, it, vi } from 'vitest'
import { readEvents } from '../src/log/reader.ts'
import { Stage } from '../src/stage.ts'

/** A zombie, which only waits for somebody to ask how it ended, does not. */
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = `/proc/${pid}/stat`
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'))
}

it('ends members that run, that stand still and that are gone, and removes the folder', {
  timeout: 60_000,
}, async () => {
  const stage = new Stage({
    service: new URL('./planted/naive-service.ts', import.meta.url).href,
    settings: { staleMs: 900, updateMs: 200, marginMs: 150 },
    random: () => 0,
  })
  const [frozen, killed, running] = await stage.startAll(3)
  if (!frozen || !killed || !running) throw new Error('three were asked for')
  stage.stop(frozen)
  stage.kill(killed)
  expect(lives(running.process.pid)).toBe(true)
  await stage.close()
  for (const member of stage.members) expect(lives(member.process.pid)).toBe(false)
  expect(existsSync(stage.folder)).toBe(false)
})

it('says in words what a member said that did not start', { timeout: 60_000 }, async () => {
  const stage = new Stage({ service: 'file:///nowhere.ts', settings: {}, random: () => 0 })
  await expect(stage.start()).rejects.toThrow(/m1 ended \(1\) instead of starting: .*nowhere/)
  await stage.close()
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'takes members and folders with it when it is ended by %s in the middle of a scenario',
  {
    timeout: 120_000,
  },
  async (signal, code) => {
    const temporary = mkdtempSync(join(tmpdir(), 'faults-test-'))
    const run = await spawnMember({
      script: fileURLToPath(new URL('../src/main.ts', import.meta.url)),
      args: ['file', 'sigstop', '--quick', '--runs', '1'],
      env: { TMPDIR: temporary },
    })
    const pids = () =>
      readdirSync(temporary)
        .map(folder => join(temporary, folder, 'events.log'))
        .filter(file => existsSync(file))
        .flatMap(file => readEvents(file))
        .flatMap(event => (event.kind === 'start' ? [event.pid] : []))
    const members = await vi.waitFor(
      () => {
        const found = pids()
        expect(found).toHaveLength(2)
        return found
      },
      { timeout: 60_000 },
    )
    run.signal(signal)
    expect((await run.exited).code).toBe(code)
    await vi.waitFor(() => expect(members.filter(lives)).toEqual([]), { timeout: 20_000 })
    expect(readdirSync(temporary)).toEqual([])
    rmdirSync(temporary)
  },
)
