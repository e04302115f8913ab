import { mkdir, readdir, rm, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Member, Stage } from './support/stage.ts'

/** A leader that is followed, both alive. */
async function pair(stage: Stage): Promise<readonly [Member, Member, string]> {
  const leader = await stage.leader('leader')
  const follower = await stage.member('follower')
  follower.compete()
  await stage.pass(1000)
  return [leader, follower, join(stage.root, 'ns.lock')]
}

it('the lock removed under a living leader: it steps down, and a successor waits until it has', async () => {
  await using stage = await Stage.create()
  const [leader, follower, lock] = await pair(stage)
  const first = leader.term ?? 0n
  await rm(lock, { recursive: true })
  await stage.until('somebody leads again', () => (leader.term ?? 0n) > first || follower.valid)
  expect(leader.leaderships[0]?.isValid()).toBe(false)
  expect(leader.leaderships[0]?.ended.reason).toMatch(/record-changed|taken/)
})

it('the lock removed under a frozen leader: a successor waits for its end, though it never saw it renew', async () => {
  await using stage = await Stage.create()
  const leader = await stage.leader('leader')
  leader.freeze()
  await rm(join(stage.root, 'ns.lock'), { recursive: true })
  const newcomer = await stage.member('newcomer')
  newcomer.compete()
  await stage.pass(12_000)
  expect(leader.valid).toBe(true)
  expect(newcomer.valid).toBe(false)
  await stage.until('the newcomer leads', () => newcomer.valid)
  leader.wake()
  await stage.pass(2000)
  expect(newcomer.valid).toBe(true)
})

it('the record alone removed under a frozen leader, terms as well: who saw it waits all the same', async () => {
  await using stage = await Stage.create()
  const [leader, follower, lock] = await pair(stage)
  leader.freeze()
  for (const name of await readdir(lock)) await unlink(join(lock, name))
  await rm(join(stage.root, 'ns.terms'), { recursive: true })
  await mkdir(join(stage.root, 'ns.terms'))
  await stage.pass(10_000)
  expect(leader.valid).toBe(true)
  expect(follower.valid).toBe(false)
  await stage.until('the follower leads', () => follower.valid)
  expect(follower.term).toBeGreaterThan(leader.term ?? 0n)
})

it('a torn record is judged by time, and its leader known by its claim', async () => {
  await using stage = await Stage.create()
  const leader = await stage.leader('leader')
  for (const name of await readdir(join(stage.root, 'ns.lock'))) {
    await truncate(join(stage.root, 'ns.lock', name), 20)
  }
  const newcomer = await stage.member('newcomer')
  newcomer.compete()
  await stage.pass(4000)
  expect(newcomer.state?.leader).toEqual({ id: 'leader', term: leader.term })
  leader.freeze()
  await stage.until('the newcomer leads', () => newcomer.valid)
})

it.each(['file', 'folder'])(
  'a stranger’s %s in the lock is removed when it is stale, and disturbs no leader',
  async kind => {
    await using stage = await Stage.create()
    const [leader, follower, lock] = await pair(stage)
    if (kind === 'file') await writeFile(join(lock, 'a-stranger'), 'hello')
    else await mkdir(join(lock, 'a-stranger'))
    await stage.pass(3000)
    expect(follower.state?.leader?.id).toBe('leader')
    await leader.service.stop()
    await stage.until('the follower leads', () => follower.valid)
    expect(follower.state?.lastChange?.reason).toBe('released')
    expect(await stage.records()).toHaveLength(1)
  },
)

it('the whole folder removed: the leader steps down, and the members meet again', async () => {
  await using stage = await Stage.create()
  const [leader, follower] = await pair(stage)
  const first = leader.term ?? 0n
  // Members make their folders anew while it is removed.
  await rm(stage.root, { recursive: true, maxRetries: 10, retryDelay: 1 }).catch(() => {})
  await stage.until('somebody leads again', () => (leader.term ?? 0n) > first || follower.valid)
  expect(follower.valid ? follower.term : leader.term).toBeGreaterThan(first)
})
