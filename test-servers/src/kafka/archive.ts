import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { oneAtATime } from '../build-lock.ts'
import type { Report } from '../report.ts'

/**
 * Flags for JVMs that find their classes in an archive, which halves the time that they take to start. The archive is made
 * once, of the classes of a JVM that `run` runs to its end with other flags. Another version of Java makes no use of it.
 */
export async function archiveFlags(
  home: string,
  report: Report,
  run: (flags: readonly string[]) => Promise<void>,
): Promise<readonly string[]> {
  const archive = join(home, 'classes.jsa')
  const done = join(home, 'prepared')
  if (!existsSync(done)) {
    const waiting = () => report(`kafka: another process prepares ${home}, waiting for that`)
    await oneAtATime(`${done}.lock`, waiting, async () => {
      if (!existsSync(done)) await make(archive, done, run)
    })
  }
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []
}

async function make(archive: string, done: string, run: (flags: readonly string[]) => Promise<void>): Promise<void> {
  const unfinished = `${archive}.${process.pid}`
  try {
    await run([`-XX:ArchiveClassesAtExit=${unfinished}`])
    // Not every JVM makes one; without it a start is only slower.
    if (existsSync(unfinished)) renameSync(unfinished, archive)
    writeFileSync(done, '')
  } finally {
    rmSync(unfinished, { force: true })
  }
}
