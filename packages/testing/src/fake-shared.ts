import { DromedaryError, type SharedResource, type SharedResources } from '@dromedary/core/component'

interface Held {
  readonly settings: string
  readonly value: Promise<unknown>
  readonly close: (value: never) => void | Promise<void>
  holders: number
}

/** Shared resources as a context has them, with a count of what is held. */
export class FakeShared implements SharedResources {
  readonly #held = new Map<string, Held>()

  /** Keys that somebody still holds: empty after everything was closed. */
  get held(): string[] {
    return [...this.#held.keys()]
  }

  async acquire<T>(
    key: string,
    settings: object,
    open: () => T | Promise<T>,
    close: (value: T) => void | Promise<void>,
  ): Promise<SharedResource<T>> {
    const text = JSON.stringify(settings)
    let held = this.#held.get(key)
    if (held && held.settings !== text) {
      const message = `${key} is shared with the settings ${held.settings}, and asked for with ${text}`
      throw new DromedaryError('DROMEDARY_SHARED_CONFLICT', message)
    }
    if (!held) {
      held = { settings: text, value: (async () => open())(), close, holders: 0 }
      this.#held.set(key, held)
    }
    held.holders++
    try {
      return this.#resource(key, held, (await held.value) as T)
    } catch (error) {
      this.#held.delete(key)
      throw error
    }
  }

  #resource<T>(key: string, held: Held, value: T): SharedResource<T> {
    let released = false
    return {
      value,
      release: async () => {
        if (released) return
        released = true
        if (--held.holders > 0) return
        this.#held.delete(key)
        await held.close(value as never)
      },
    }
  }
}
