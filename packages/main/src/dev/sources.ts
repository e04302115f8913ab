import { realpathSync, statSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Clock } from '@dromedary/core'
import { ABSENT, contentOf, EMPTY, readBytes } from './content.ts'
import type { ModuleGraph } from './module-graph.ts'
import { DOUBT_MS, Quiet } from './quiet.ts'
import { FileWatcher } from './watcher.ts'

/** What has another content than what runs, or what was tried last. */
export interface Changes {
  /** Plain URLs. */
  readonly modules: readonly string[]
  readonly configuration: boolean
}

/**
 * Looks after the files of an application: its loaded modules, and where its configuration file lies or may lie. It goes
 * by their contents: events only say when to look.
 */
export class Sources {
  readonly #clock: Clock
  readonly #graph: ModuleGraph
  readonly #changed: (changes: Changes) => void
  readonly #watcher: FileWatcher
  readonly #quiet: Quiet
  /** By URL; the contents that were read last. */
  #configuration = new Map<string, string>()
  /** When each file had been saved, as an attempt began. */
  #savedBefore = new Map<string, number>()
  /** The same of an attempt that failed: what is saved again is tried again. */
  #failed: Map<string, number> | undefined
  #doubtSince: number | undefined

  constructor(clock: Clock, graph: ModuleGraph, changed: (changes: Changes) => void) {
    this.#clock = clock
    this.#graph = graph
    this.#changed = changed
    this.#quiet = new Quiet(clock, () => this.#look())
    this.#watcher = new FileWatcher(clock, () => this.#quiet.happened())
  }

  /** Where the configuration file lies or may lie, as it is about to be read. */
  configuration(files: readonly string[]): void {
    const urls = files.map(file => pathToFileURL(file).href)
    this.#configuration = new Map(urls.map(url => [url, contentNow(url)]))
  }

  /** The graph has grown: more files are looked after, and what has changed since they were read is seen at once. */
  refresh(): void {
    this.#watch()
    this.#quiet.happened()
  }

  /** An attempt begins: what is saved from here on may not be part of it. */
  trying(): void {
    this.#savedBefore = this.#saved()
  }

  /** It did, or did not, work. */
  tried(worked: boolean): void {
    this.#failed = worked ? undefined : new Map([...this.#saved(), ...this.#savedBefore])
    this.refresh()
  }

  close(): void {
    this.#quiet.cancel()
    this.#watcher.close()
  }

  #watch(): void {
    this.#watcher.watch(this.#urls().flatMap(url => withTarget(fileURLToPath(url))))
  }

  #look(): void {
    const modules = this.#graph.urls.filter(url => this.#differs(url, this.#graph.contentOf(url)))
    const files = [...this.#configuration.keys()].filter(url => this.#differs(url, this.#configuration.get(url)))
    const found = [...modules, ...files]
    if (this.#doubt(found.some(url => isDoubtful(contentNow(url))))) return
    // A folder that was replaced is watched again.
    this.#watch()
    if (found.length === 0) return
    // Told once.
    for (const url of files) this.#configuration.set(url, contentNow(url))
    if (this.#failed !== undefined) for (const url of found) this.#failed.set(url, savedAt(url))
    this.#changed({ modules, configuration: files.length > 0 })
  }

  #differs(url: string, known: string | undefined): boolean {
    // One that was not there to be tried is new now: that is no reason to try once more.
    const savedThen = this.#failed?.get(url)
    if (savedThen !== undefined && savedThen !== savedAt(url)) return true
    return known !== undefined && known !== contentNow(url)
  }

  #saved(): Map<string, number> {
    return new Map(this.#urls().map(url => [url, savedAt(url)]))
  }

  #urls(): string[] {
    return [...this.#graph.urls, ...this.#configuration.keys()]
  }

  /** Whether to look once more before it is believed. */
  #doubt(doubtful: boolean): boolean {
    if (!doubtful) {
      this.#doubtSince = undefined
      return false
    }
    this.#doubtSince ??= this.#clock.monotonic()
    const left = this.#doubtSince + DOUBT_MS - this.#clock.monotonic()
    if (left > 0) this.#quiet.happened(left)
    else this.#doubtSince = undefined
    return left > 0
  }
}

/** A link changes in its own folder, what it leads to in another one. */
function withTarget(file: string): string[] {
  try {
    const target = realpathSync(file)
    return target === file ? [file] : [file, target]
  } catch {
    return [file]
  }
}

const contentNow = (url: string): string => contentOf(readBytes(url))

const isDoubtful = (content: string): boolean => content === EMPTY || content === ABSENT

/** Of a URL's file; 0 when it is not there. */
const savedAt = (url: string): number => statSync(fileURLToPath(url), { throwIfNoEntry: false })?.mtimeMs ?? 0
