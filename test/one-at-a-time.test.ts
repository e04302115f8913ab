import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { oneAtATime } from '../scripts/one-at-a-time.ts'
import { ROOT, run } from '../scripts/run.ts'

const name = `test-${process.pid}`
afterEach(() => rmSync(join(ROOT, '.cache', `${name}.lock`), { force: true }))

it('lets one in at a time, also after work that failed', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++inside)
    for (let turns = 0; turns < 20; turns++) await turn()
    inside--
    throw new Error('fails')
  }
  const all = await Promise.allSettled([1, 2, 3].map(() => oneAtATime(name, work)))
  expect(most).toBe(1)
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
})

it('does not wait for a process that died inside', async () => {
  const script = `
    import { writeSync } from 'node:fs'
    import { oneAtATime } from './scripts/one-at-a-time.ts'
    await oneAtATime('${name}', async () => {
      writeSync(1, 'inside')
      process.kill(process.pid, 'SIGKILL')
    })`
  const killed = await run('node', ['--input-type=module-typescript', '-e', script])
  expect(killed.output).toBe('inside')
  expect(await oneAtATime(name, async () => 'entered')).toBe('entered')
})
