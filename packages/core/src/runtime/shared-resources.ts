import { isDeepStrictEqual } from 'node:util'
import type { SharedResource, SharedResources } from '../component/contract.ts'
import { DromedaryError } from '../errors.ts'

interface Held {
  readonly settings: object
  readonly value: Promise<unknown>
  readonly close: (value: never) => void | Promise<void>
  holders: number
  /** Settles when a resource under the same key that was let go before is closed. */
  readonly closed: PromiseWithResolvers<void>
}

/** Resources that several endpoints of a context share, counted by holders. */
export function sharedResources(): SharedResources {
  const held = new Map<string, Held>()
  const closing = new Map<string, Promise<void>>()

  return {
    async acquire<T>(
      key: string,
      settings: object,
      open: () => T | Promise<T>,
      close: (value: T) => void | Promise<void>,
    ): Promise<SharedResource<T>> {
      let entry = held.get(key)
      if (entry && !isDeepStrictEqual(entry.settings, settings)) throw conflict(key, entry.settings, settings)
      if (entry) entry.holders++
      else {
        const before = closing.get(key) ?? Promise.resolve()
        entry = { settings, value: before.then(open), close, holders: 1, closed: Promise.withResolvers() }
        held.set(key, entry)
      }
      const mine = entry
      let released: Promise<void> | undefined
      const release = async () => {
        if (--mine.holders > 0) return
        held.delete(key)
        closing.set(key, mine.closed.promise)
        try {
          await mine.close((await mine.value) as never)
        } finally {
          if (closing.get(key) === mine.closed.promise) closing.delete(key)
          mine.closed.resolve()
        }
      }
      try {
        const value = (await mine.value) as T
        return {
          value,
          release: () => {
            released ??= release()
            return released
          },
        }
      } catch (error) {
        if (held.get(key) === mine) held.delete(key)
        throw error
      }
    },
  }
}

function conflict(key: string, first: object, second: object): DromedaryError {
  const one = first as Record<string, unknown>
  const other = second as Record<string, unknown>
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  const differing = names.filter(name => !isDeepStrictEqual(one[name], other[name]))
  return new DromedaryError(
    'DROMEDARY_SHARED_CONFLICT',
    `two endpoints share ${key}, but differ in ${differing.join(', ')}: give them the same settings`,
  )
}
