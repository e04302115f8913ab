import type { StepService } from '../eip/eip.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'

/** What the steps of one route do at its start and stop. */
export class StepServices {
  readonly #services: StepService[] = []
  readonly #log: Logger
  #started: StepService[] = []

  constructor(log: Logger) {
    this.#log = log
  }

  readonly add = (service: StepService): void => {
    this.#services.push(service)
  }

  /** In the order of the steps; rejects with the first failure, when those that had started have stopped again. */
  async start(): Promise<void> {
    for (const service of this.#services) {
      try {
        await service.start?.()
        this.#started.push(service)
      } catch (error) {
        await this.stop()
        throw error
      }
    }
  }

  /** Nothing enters any more: the first steps hand on to the later ones. `idle`: nothing is under way any more. */
  async drain(idle: () => Promise<void>): Promise<void> {
    const started = this.#started
    for (const service of started) {
      // They were stopped, by force.
      if (this.#started !== started) return
      if (service.drain === undefined) continue
      await this.#guarded(() => service.drain?.(), 'drain')
      await idle()
    }
  }

  /** The route whose place this one took has stopped. */
  async inherit(): Promise<void> {
    for (const service of this.#started) await this.#guarded(() => service.inherit?.(), 'take over what was left')
  }

  async stop(): Promise<void> {
    const started = this.#started.toReversed()
    this.#started = []
    for (const service of started) await this.#guarded(() => service.stop?.(), 'stop')
  }

  async #guarded(call: () => unknown, what: string): Promise<void> {
    try {
      await call()
    } catch (error) {
      this.#log.warn(`a step did not ${what}: ${messageOf(error)}`, { error })
    }
  }
}
