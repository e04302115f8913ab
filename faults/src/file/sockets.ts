import { readdirSync, unlinkSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { EXPIRY_BOUND_MS, PATIENCE_MS, STALE_MS } from './settings.ts'

/** Paths of all sockets below the root. */
const socketsOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isSocket())
    .map(entry => join(entry.parentPath, entry.name))

/** Removes every socket, as a cleaner of temporary folders does; the leader must keep its term, and be missed by expiry. */
async function removeSockets(stage: Stage, rounds: readonly number[]): Promise<void> {
  await stage.startAll(2)
  for (const _ of rounds) {
    const leader = await stage.leader(PATIENCE_MS)
    for (const socket of socketsOf(stage.root)) unlinkSync(socket)
    await stage.start()
    await stage.pause(2 * STALE_MS)
    const still = await stage.leader(PATIENCE_MS)
    if (still.term !== leader.term) throw new Error('a healthy leader was replaced because its socket was removed')
    const mark = stage.mark()
    const at = stage.kill(leader.member)
    const next = await stage.nextLeader('another leads by expiry', PATIENCE_MS, mark, undefined, leader.member)
    stage.samples.push(next.at - at)
  }
}

/** More than a listener's queue of connections that wait to be accepted. */
const CONNECTIONS = 600

/** Fills the queue of a frozen leader's socket, so that others get EAGAIN; it wakes before stale and must still lead. */
async function fillQueues(stage: Stage, rounds: readonly number[]): Promise<void> {
  await stage.startAll(2)
  for (const _ of rounds) {
    const leader = await stage.leader(PATIENCE_MS)
    // Right after a renewal, so that the freeze is short of every end.
    await stage.until('a renewal', event => event.kind === 'lease', PATIENCE_MS, stage.mark())
    stage.stop(leader.member)
    const connections: Socket[] = []
    for (const socket of socketsOf(stage.root)) {
      for (let count = 0; count < CONNECTIONS; count++) connections.push(connect(socket).on('error', () => {}))
    }
    await stage.start()
    stage.continue(leader.member)
    await stage.pause(STALE_MS)
    for (const connection of connections) connection.destroy()
    const mark = stage.mark()
    const now = await stage.leader(PATIENCE_MS)
    const at = stage.kill(now.member)
    const next = await stage.nextLeader('another leads', PATIENCE_MS, mark, undefined, now.member)
    stage.samples.push(next.at - at)
  }
}

/** The sockets by which members see each other's death. */
export const sockets: readonly Scenario[] = [
  {
    name: 'sockets-removed',
    about: 'A cleaner removes the sockets: that is no proof of death; afterwards the leader is killed.',
    rounds: { full: 3, quick: 1 },
    lanes: 3,
    bounds: { max: EXPIRY_BOUND_MS },
    play: removeSockets,
  },
  {
    name: 'queue-full',
    about: 'The connection queue of a frozen leader is full (EAGAIN): that is no proof of death either.',
    rounds: { full: 3, quick: 1 },
    lanes: 3,
    bounds: { max: EXPIRY_BOUND_MS },
    play: fillQueues,
  },
]
