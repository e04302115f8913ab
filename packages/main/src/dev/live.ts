import type { LogSink, PropertySource } from '@dromedary/core'
import type { Live } from '../assemble.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { canonical } from '../configuration/section.ts'
import { readable } from './report.ts'
import { restartsFor } from './restart.ts'

/**
 * What a running application reads of its configuration, with something else put in its place: the log, and the values of
 * placeholders. Keys that need a restart keep the value that the application was started with.
 */
export class LiveSettings implements Live {
  #log: LogSink | undefined
  #started: PropertySource | undefined
  #current: PropertySource | undefined

  log(configured: LogSink): LogSink {
    this.#log = configured
    return {
      isEnabled: (level, category) => this.#log?.isEnabled(level, category) === true,
      write: record =>
        this.#log?.write(record.error === undefined ? record : { ...record, error: readable(record.error) }),
    }
  }

  properties(configured: PropertySource): PropertySource {
    this.#started = configured
    this.#current = configured
    return {
      property: key => this.#current?.property(key),
      keys: () => this.#current?.keys?.() ?? [],
    }
  }

  setLog(sink: LogSink): void {
    this.#log = sink
  }

  /** Takes effect for all who ask from now on. Returns what takes it back. */
  setProperties(source: PropertySource): () => void {
    const before = this.#current
    this.#current = source
    return () => {
      this.#current = before
    }
  }

  /** A newer configuration as the running application may see it. */
  sourceOf(configuration: Configuration): PropertySource {
    const started = this.#started
    return {
      property: key => (restartsFor(canonical(key)) ? started : configuration)?.property(key),
      keys: () => configuration.keys(),
    }
  }
}
