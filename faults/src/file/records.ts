import { readdirSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'

/** The one lock directory below a root that serves one namespace. */
function lockOf(root: string): string {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).find(
    entry => entry.isDirectory() && entry.name.endsWith('.lock'),
  )
  if (!found) throw new Error(`no lock directory below ${root}`)
  return join(found.parentPath, found.name)
}

/** Does it to every record in a lock directory. */
const toRecords = (hurt: (record: string) => void) => (lock: string) => {
  for (const name of readdirSync(lock)) hurt(join(lock, name))
}

/** What a person or a broken disk may do to the lock of a living leader. */
const DAMAGE: Readonly<Record<string, (lock: string) => void>> = {
  'lock directory removed': lock => rmSync(lock, { recursive: true }),
  'record removed': toRecords(record => unlinkSync(record)),
  'record emptied': toRecords(record => truncateSync(record, 0)),
  'record torn': toRecords(record => truncateSync(record, Math.floor(statSync(record).size / 2))),
  'record overwritten': toRecords(record => writeFileSync(record, '\0\xffnot a record{')),
  'foreign file added': lock => writeFileSync(join(lock, 'stranger'), 'hello'),
}

/** Damages, sees that somebody leads, kills that leader, and sees that another follows. */
async function damage(stage: Stage, names: readonly string[]): Promise<void> {
  await stage.startAll(3)
  for (const name of names) {
    await stage.leader(PATIENCE_MS)
    await stage.pause(1_000 * stage.random())
    stage.note(name)
    DAMAGE[name]?.(lockOf(stage.root))
    // Whether the leader stays or another follows is open; that there is never more than one is not.
    await stage.pause(2 * STALE_MS)
    const leader = await stage.leader(PATIENCE_MS)
    const mark = stage.mark()
    const at = stage.kill(leader.member)
    const next = await stage.nextLeader(`another leads after "${name}"`, PATIENCE_MS, mark, undefined, leader.member)
    stage.samples.push(next.at - at)
    await stage.start()
  }
}

const DIRECTORY_ONLY = ['lock directory removed']
const RECORDS = Object.keys(DAMAGE).filter(name => !DIRECTORY_ONLY.includes(name))

/** Files damaged or removed by hand. */
export const records: readonly Scenario[] = [
  {
    name: 'lock-removed',
    about: 'The lock directory of a living leader is removed by hand.',
    rounds: { full: 10, quick: 2 },
    lanes: 5,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) =>
      damage(
        stage,
        rounds.flatMap(() => DIRECTORY_ONLY),
      ),
  },
  {
    name: 'record-damaged',
    about: 'The owner record of a living leader is removed, emptied, torn, overwritten, or gets a neighbour.',
    rounds: { full: RECORDS.length, quick: RECORDS.length },
    fixed: true,
    lanes: RECORDS.length,
    bounds: { max: EXPIRY_BOUND_MS },
    play: (stage, rounds) =>
      damage(
        stage,
        rounds.flatMap(round => RECORDS[round] ?? []),
      ),
  },
]
