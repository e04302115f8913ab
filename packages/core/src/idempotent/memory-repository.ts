import { DromedaryError } from '../errors.ts'
import type { IdempotentRepository } from './repository.ts'

export interface MemoryIdempotentRepositoryOptions {
  /** How many keys are kept, least recently used first out. Default 1000, as in Camel. */
  readonly cacheSize?: number
}

/** The type of {@link memoryIdempotentRepository}: everything at once, without a promise. */
export interface MemoryIdempotentRepository extends IdempotentRepository {
  /** How many keys it holds. */
  readonly size: number
  clear(): void
}

/**
 * Keeps keys in this process: they are gone when it ends, and other members of a cluster do not see them. Throws
 * `DROMEDARY_INVALID_OPTION`. Camel: `MemoryIdempotentRepository`.
 */
export function memoryIdempotentRepository(
  options: MemoryIdempotentRepositoryOptions = {},
): MemoryIdempotentRepository {
  const { cacheSize = 1000 } = options
  if (!Number.isSafeInteger(cacheSize) || cacheSize < 1) {
    const message = `memoryIdempotentRepository: cacheSize must be a whole number from 1 on, not ${cacheSize}`
    throw new DromedaryError('DROMEDARY_INVALID_OPTION', message)
  }
  // In the order of their last use: a key that is used again goes to the end.
  const keys = new Set<string>()
  const contains = (key: string): boolean => {
    if (!keys.delete(key)) return false
    keys.add(key)
    return true
  }
  return {
    add(key) {
      if (contains(key)) return false
      keys.add(key)
      if (keys.size > cacheSize) keys.delete(keys.values().next().value as string)
      return true
    },
    contains,
    remove: key => void keys.delete(key),
    confirm: () => {},
    clear: () => keys.clear(),
    get size() {
      return keys.size
    },
  }
}
