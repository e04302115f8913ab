import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Stage } from '../src/stage.ts'

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it('ends members that run, that stand still and that are gone, and removes the folder', async () => {
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

it('says in words what a member said that did not start', async () => {
  const stage = new Stage({ service: 'file:///nowhere.ts', settings: {}, random: () => 0 })
  await expect(stage.start()).rejects.toThrow(/m1 ended \(1\) instead of starting: .*nowhere/)
  await stage.close()
})
