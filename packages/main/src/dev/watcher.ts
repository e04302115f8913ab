import { type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Clock, ClockTimer } from '@dromedary/core'

/** How often files are looked at where the system does not tell of changes: it has run out of watches. */
const LOOK_MS = 1_000

interface Watched {
  /** The files in it that somebody wants to know of. */
  readonly names: ReadonlySet<string>
  /** Undefined while it waits for a folder that is not there, or looks by itself. */
  readonly watcher: FSWatcher | undefined
  /** The folder that is really watched: the nearest above that is there. */
  readonly at: string
  /** What tells a folder from another one of the same name. */
  readonly identity: string | undefined
}

/**
 * Tells that something has happened to some files, not what. It watches their folders, because editors save by renaming;
 * these may vanish and come back, as they do when a version control system changes them.
 */
export class FileWatcher {
  readonly #clock: Clock
  readonly #happened: () => void
  readonly #folders = new Map<string, Watched>()
  #timer: ClockTimer | undefined
  #closed = false

  constructor(clock: Clock, happened: () => void) {
    this.#clock = clock
    this.#happened = happened
  }

  /** From now on these, and no others; they need not be there. Also looks after folders that were replaced. */
  watch(files: Iterable<string>): void {
    if (this.#closed) return
    const wanted = Map.groupBy(files, dirname)
    for (const [folder, { watcher }] of this.#folders) {
      if (wanted.has(folder)) continue
      watcher?.close()
      this.#folders.delete(folder)
    }
    for (const [folder, paths] of wanted) this.#look(folder, new Set(paths.map(path => basename(path))))
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    for (const { watcher } of this.#folders.values()) watcher?.close()
    this.#folders.clear()
  }

  #look(folder: string, names: ReadonlySet<string>): void {
    const before = this.#folders.get(folder)
    let at = folder
    while (identityOf(at) === undefined && dirname(at) !== at) at = dirname(at)
    // Taken before it is watched: whatever comes in between shows as another identity.
    const identity = identityOf(at)
    if (before?.at === at && before.identity === identity) {
      this.#folders.set(folder, { ...before, names })
      return
    }
    before?.watcher?.close()
    this.#folders.set(folder, { names, watcher: this.#watcherOf(folder, at), at, identity })
  }

  #watcherOf(folder: string, at: string): FSWatcher | undefined {
    const event = (_: string, name: string | null) => {
      // An event of the folder itself has its own name: it was moved away, or is gone.
      const known = name === null || at !== folder || name === basename(folder)
      if (known || this.#folders.get(folder)?.names.has(name)) this.#happened()
    }
    try {
      const watcher = watch(at, event)
      watcher.on('error', () => {
        watcher.close()
        this.#lookLater()
      })
      return watcher
    } catch {
      this.#lookLater()
      return undefined
    }
  }

  #lookLater(): void {
    this.#timer?.cancel()
    if (this.#closed) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#lookLater()
      this.#happened()
    }, LOOK_MS)
  }
}

function identityOf(folder: string): string | undefined {
  const stat = statSync(folder, { throwIfNoEntry: false })
  return stat?.isDirectory() ? `${stat.dev}:${stat.ino}` : undefined
}
