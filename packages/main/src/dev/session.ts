import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type Clock,
  type ClockTimer,
  createLogger,
  isDromedaryError,
  type Logger,
  type LogSink,
  recordPlaces,
  systemClock,
} from '@dromedary/core'
import type { Supply } from '../application.ts'
import type { ApplicationOptions, Assembled } from '../assemble.ts'
import { upToPackage } from '../configuration/folders.ts'
import { createLineOutput } from '../logging/output.ts'
import { createTextSink } from '../logging/text.ts'
import { type Applied, Applier } from './applier.ts'
import { configurationFiles } from './configuration-files.ts'
import { LiveSettings } from './live.ts'
import { Loader, type Offer } from './loader.ts'
import { ModuleGraph } from './module-graph.ts'
import { ofFrame, placeOf } from './place.ts'
import { reportError } from './report.ts'
import { type Changes, Sources } from './sources.ts'
import { CHANGED_AGAIN, untilChanged } from './until-changed.ts'

/** When it is mentioned that something takes its time. */
const LONG_MS = 5_000

/** One run of dev mode: gives the application its options, and changes it whenever its files change. */
export class DevSession implements Supply {
  readonly live = new LiveSettings()
  readonly loader: Loader
  readonly #clock: Clock = systemClock
  readonly #entry: string
  readonly #isOurs: (url: string) => boolean
  readonly #sources: Sources
  /** Until the configured one is there. */
  #sink: LogSink = createTextSink(createLineOutput(), { root: 'info', categories: new Map() }, systemClock)
  #applier: Applier | undefined
  /** What runs, or was tried last. */
  #offer: Offer | undefined
  #running: Offer | undefined
  /** Modules that have changed, and were not loaded since. */
  readonly #stale = new Set<string>()
  /** Those that were loaded, or failed to be, since the last change that worked. */
  readonly #trying = new Set<string>()
  #changed = Promise.withResolvers<void>()
  #refreshing = false
  #stopping = false

  /** `entry` is an absolute path. */
  constructor(entry: string) {
    this.#entry = entry
    const folder = pathToFileURL(`${upToPackage(dirname(entry)).at(-1)}/`).href
    this.#isOurs = url => url.startsWith(folder) && !url.includes('/node_modules/')
    this.loader = new Loader(
      pathToFileURL(entry).href,
      this.#isOurs,
      () => this.#refreshSoon(),
      error => void this.#report(error, 'it goes on'),
    )
    recordPlaces(stack => ofFrame(stack, this.#isOurs))
    this.#sources = new Sources(this.#clock, this.loader.graph, changes => this.#take(changes))
  }

  async options(): Promise<ApplicationOptions> {
    for (;;) {
      this.#changed = Promise.withResolvers()
      this.#sources.trying()
      const offer = await this.#load()
      if (offer === undefined) continue
      this.#sources.configuration(configurationFiles(offer.options))
      return untilChanged(offer.options, this.#changed.promise, () => this.#sayIfLoading())
    }
  }

  async failed(error: unknown, log: LogSink): Promise<void> {
    this.#sink = log
    if (error !== CHANGED_AGAIN) {
      await this.#report(error, 'it starts when this is put right')
      this.#sources.tried(false)
    }
    await this.#changed.promise
    // What was loaded without a mistake may be where it lies.
    this.#stale.add(pathToFileURL(this.#entry).href)
  }

  superseded(): Promise<Error> {
    return this.#changed.promise.then(() => CHANGED_AGAIN)
  }

  started(running: Assembled, log: LogSink): void {
    this.#sink = log
    const { options } = this.#offer as Offer
    this.#applier = new Applier(running, options, this.live, this.#clock, this.#log)
    this.#worked()
    const { graph } = this.loader
    this.#log.info(
      `Dev mode: a saved change of ${graph.urls.length} modules or of the configuration takes effect at once`,
    )
    void this.#follow(this.#applier)
  }

  uncaught(error: unknown, log: LogSink): boolean {
    this.#sink = log
    this.#log.error('Uncaught error; dev mode goes on', { error })
    return true
  }

  stopping(): void {
    this.#stopping = true
    this.#sources.close()
  }

  /** The application has stopped. */
  ended(): void {
    for (const offer of [this.#running, this.#offer]) offer?.over()
  }

  get #log(): Logger {
    const name = this.#offer?.options.name
    return createLogger(this.#sink, 'dev', name === undefined ? {} : { context: name })
  }

  /** Changes that come while one is applied are applied together, after it. */
  async #follow(applier: Applier): Promise<void> {
    while (!this.#stopping) {
      await this.#changed.promise
      if (this.#stopping) return
      this.#changed = Promise.withResolvers()
      this.#sources.trying()
      const began = this.#clock.monotonic()
      try {
        const applied = await this.#attempt(applier)
        if (applied !== undefined) {
          this.#worked()
          applier.say(applied, this.#clock.monotonic() - began)
        }
      } catch (error) {
        if (this.#stopping) return
        const notAll = isDromedaryError(error, 'DROMEDARY_CHANGE_FAILED')
        await this.#report(error, notAll ? 'not all of what ran before goes on' : 'what ran before goes on')
        this.#sources.tried(false)
      }
    }
  }

  /** Undefined when something changed again before it was done; what takes long is called off then. */
  async #attempt(applier: Applier): Promise<Applied | undefined> {
    const isLoaded = this.#stale.size === 0 && this.#trying.size === 0
    const offer = isLoaded ? this.#offer : await this.#load()
    if (offer === undefined) return undefined
    this.#sources.configuration(configurationFiles(offer.options))
    const calledOff = new AbortController()
    const long = this.#afterLong(
      'A change is under way: routes that are replaced let their exchanges end, and the new ones start. What is saved now calls it off',
      () => void this.#changed.promise.then(() => calledOff.abort(CHANGED_AGAIN)),
    )
    try {
      return await applier.apply(offer.options, this.#changed.promise, calledOff.signal)
    } catch (error) {
      if (error === CHANGED_AGAIN) return undefined
      throw error
    } finally {
      long.cancel()
    }
  }

  /** Undefined when something changed again before everything was loaded: it may hang for ever. */
  async #load(): Promise<Offer | undefined> {
    const long = this.#sayIfLoading()
    for (const url of this.#stale) this.#trying.add(url)
    this.#stale.clear()
    try {
      const offer = await Promise.race([this.loader.load(this.#trying), this.#changed.promise])
      if (offer && offer !== this.#offer) {
        // What runs ends when this one takes its place; what was refused never ran.
        if (this.#offer !== this.#running) this.#offer?.over()
        this.#offer = offer
      }
      return offer ?? undefined
    } finally {
      long.cancel()
    }
  }

  #worked(): void {
    if (this.#running !== this.#offer) this.#running?.over()
    this.#running = this.#offer
    this.loader.graph.commit()
    this.#trying.clear()
    this.#sources.tried(true)
  }

  #take({ modules }: Changes): void {
    for (const url of modules) this.#stale.add(url)
    this.#changed.resolve()
  }

  async #report(error: unknown, consequence: string): Promise<void> {
    // Of what was loaded: the script that called `dev` is in the project as well, and in many a stack.
    const loaded = new Set(this.loader.graph.urls)
    const isLoaded = (url: string) => loaded.has(ModuleGraph.parse(url).url)
    try {
      reportError(this.#log, error, await placeOf(error, isLoaded, this.loader.trace), consequence)
    } catch {
      // Anything can be thrown, also what throws when it is looked at; dev mode goes on all the same.
      this.#log.error(`something that cannot be read was thrown; ${consequence}`)
    }
  }

  #sayIfLoading(): ClockTimer {
    return this.#sayIfLong(`${this.#entry} is still being loaded: a module of it awaits something that does not come`)
  }

  #sayIfLong(what: string): ClockTimer {
    return this.#afterLong(what, () => {})
  }

  #afterLong(what: string, work: () => void): ClockTimer {
    const late = () => {
      this.#log.warn(what)
      work()
    }
    return this.#clock.setTimeout(late, LONG_MS).unref()
  }

  #refreshSoon(): void {
    if (this.#refreshing || this.#stopping) return
    this.#refreshing = true
    setImmediate(() => {
      this.#refreshing = false
      if (!this.#stopping) this.#sources.refresh()
    })
  }
}
