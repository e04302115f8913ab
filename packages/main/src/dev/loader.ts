import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DromedaryError } from '@dromedary/core'
import type { ApplicationOptions } from '../assemble.ts'
import type { DevHost } from './host.ts'
import { ModuleGraph } from './module-graph.ts'
import { forgetRequired, hookModules, type IsOurs, type LoadTrace } from './module-hooks.ts'
import { findModuleRegistries, forgetModules, type ModuleRegistries } from './module-registries.ts'

/** Options that a version of the application's module has handed over. */
export interface Offer {
  readonly options: ApplicationOptions
  /** What has come to an end: `runApplication` resolves in the module that called it. */
  over(): void
}

interface Awaited {
  offered(offer: Offer): void
  failed(error: unknown): void
}

/** Loads the application's module, again and again, and takes what it gives to `runApplication`. */
export class Loader implements DevHost {
  readonly graph: ModuleGraph
  readonly trace: LoadTrace
  readonly #entry: string
  readonly #failedLater: (error: unknown) => void
  #registries: ModuleRegistries | undefined
  #awaited: Awaited | undefined
  /** The plain URL of the module that made the last offer. */
  #caller: string | undefined

  /** `learned` is called for each module that is loaded; `failedLater` for what a module throws after its offer. */
  constructor(entry: string, isOurs: IsOurs, learned: () => void, failedLater: (error: unknown) => void) {
    this.#entry = entry
    this.#failedLater = failedLater
    this.graph = new ModuleGraph(entry)
    this.trace = { learned, lastRead: undefined, missing: undefined }
    hookModules(this.graph, isOurs, this.trace)
    void findModuleRegistries().then(found => {
      this.#registries = found
    })
  }

  /** Loads these modules and their importers afresh. Rejects with what is wrong in them; a module may also hang for ever. */
  load(stale: ReadonlySet<string>): Promise<Offer> {
    // The module that calls `runApplication` waits there: whoever imports it again would wait with it.
    forgetRequired(this.graph.renew(this.#caller === undefined ? stale : [...stale, this.#caller]))
    // What runs needs no entry there: all that is imported from now on is of a current version.
    if (this.#registries) forgetModules(this.#registries, url => this.graph.isReplaced(url))
    this.trace.lastRead = undefined
    this.trace.missing = undefined
    const { promise, resolve, reject } = Promise.withResolvers<Offer>()
    // Whoever abandons this one is told no more of it.
    promise.catch(() => {})
    let done = false
    const awaited: Awaited = {
      offered: offer => {
        done = true
        resolve(offer)
      },
      failed: error => (done ? this.#failedLater(error) : reject(error)),
    }
    this.#awaited = awaited
    const file = fileURLToPath(this.#entry)
    if (!existsSync(file)) {
      reject(new DromedaryError('DROMEDARY_INVALID_STATE', `the application's module ${file} is not there`))
      return promise
    }
    // The plain URL: the hook gives it its version, and Node keeps each text that was asked for.
    import(this.#entry).then(() => {
      const message = `${file} has not called runApplication: dev mode runs what is given to it`
      if (!done) awaited.failed(new DromedaryError('DROMEDARY_INVALID_STATE', message))
    }, awaited.failed)
    return promise
  }

  offer(options: ApplicationOptions): Promise<void> {
    const from = this.graph.versionOf(String(options.module))
    const awaited = this.#awaited
    // Whatever `module` says, somebody has called.
    const isKnown = this.graph.urls.includes(from.url)
    // One that hung, and was replaced meanwhile, comes too late.
    if (isKnown && !this.graph.isCurrent(from)) return Promise.resolve()
    if (awaited === undefined) {
      const message = `${options.name} is a second application in this process: dev mode runs one`
      return Promise.reject(new DromedaryError('DROMEDARY_INVALID_STATE', message))
    }
    this.#awaited = undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#caller = isKnown ? from.url : this.#entry
    awaited.offered({ options, over: resolve })
    return promise
  }
}
