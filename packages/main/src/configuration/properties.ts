import { didYouMean, type PropertySource, resolvePlaceholders } from '@dromedary/core'
import { configError } from './entry.ts'

/** What an application may read of its configuration before it builds its routes. */
export class Properties {
  readonly #source: PropertySource

  constructor(source: PropertySource) {
    this.#source = source
  }

  /**
   * The value as text, its placeholders resolved; known keys have their defaults. Undefined when there is none. Throws
   * `DROMEDARY_UNKNOWN_PLACEHOLDER`, `DROMEDARY_INVALID_PLACEHOLDER`.
   */
  get(key: string): string | undefined {
    const value = this.#source.property(key)
    return value === undefined ? undefined : resolvePlaceholders(value, this.#source, key)
  }

  /** One of a few words; the first when the key is not there. Any other is `DROMEDARY_CONFIG`. */
  oneOf<const Word extends string>(key: string, words: readonly [Word, ...Word[]]): Word {
    const value = this.get(key) ?? words[0]
    const word = words.find(one => one === value)
    if (word !== undefined) return word
    throw configError(
      `${key}=${JSON.stringify(value)}: must be one of ${words.join(', ')}${didYouMean(value, words)}`,
      undefined,
    )
  }
}
