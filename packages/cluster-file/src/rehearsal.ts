import { mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, createLogger, silentSink, sleep } from '@dromedary/core'
import { Election } from './election.ts'
import type { ElectionOptions } from './election-options.ts'
import { Layout } from './layout.ts'
import { nodeLockFs } from './lock-fs.ts'
import { formatRecord } from './owner-record.ts'
import { socketFile } from './sentinel.ts'

/** It takes some ten milliseconds; what takes longer is given up. */
const PATIENCE_MS = 2_000

type Parts = Omit<ElectionOptions, 'namespace' | 'fs' | 'log' | 'layout' | 'foldersMade' | 'onLease' | 'delayMs'>

/**
 * A takeover for practice, in a temporary folder of this member's own, after a holder that is dead: code that runs for the
 * first time is slow, and the first takeover of a process should not be its first run. Touches nothing of the cluster.
 * True if it led; never rejects.
 */
export async function rehearse(parts: Parts, clock: Clock): Promise<boolean> {
  let root: string | undefined
  try {
    root = await mkdtemp(join(tmpdir(), 'dromedary-rehearsal-'))
    const layout = new Layout(root, 'rehearsal')
    for (const folder of layout.folders) await nodeLockFs.mkdir(folder)
    await leaveDeadHolder(layout, parts)
    const log = createLogger(silentSink, 'cluster')
    const options = { ...parts, namespace: 'rehearsal', fs: nodeLockFs, log, layout, delayMs: 0, foldersMade: () => {} }
    const election = new Election(options)
    const led = await lead(election, clock)
    await election.stop(0)
    return led
  } catch {
    // A takeover without practice is only slower.
    return false
  } finally {
    if (root !== undefined) await rm(root, { recursive: true, force: true }).catch(() => {})
  }
}

async function lead(election: Election, clock: Clock): Promise<boolean> {
  election.start()
  const campaign = election.join('rehearsal')
  const done = new AbortController()
  let led = false
  const subscription = campaign.leadership.subscribe(leadership => {
    if (leadership === undefined) return
    led = leadership.accepts() && leadership.isValid()
    leadership.closing.addEventListener('abort', () => leadership.drained(), { once: true })
    done.abort()
  })
  await sleep(clock, PATIENCE_MS, done.signal)
  await campaign.leave(0)
  subscription.unsubscribe()
  return led
}

/** A record whose socket is there and refuses: its server listened under another name, which is what it takes away. */
async function leaveDeadHolder(layout: Layout, { self, host, updateMs, staleMs, intervalMs }: Parts): Promise<void> {
  const nonce = layout.newNonce()
  const socket = layout.socket(nonce)
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(`${socket}-`, resolve))
  await rename(`${socket}-`, socket)
  const file = await socketFile(nodeLockFs, socket)
  await new Promise(resolve => server.close(resolve))
  const owner = { namespace: 'rehearsal', ...self, pid: process.pid, host, updateMs, staleMs, intervalMs }
  await nodeLockFs.mkdir(layout.lock)
  await nodeLockFs.createFile(layout.record(nonce), formatRecord({ ...owner, nonce, socket, socketFile: file }))
}
