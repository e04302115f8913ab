import { DromedaryError } from '../errors.ts'
import { didYouMean } from '../uri/suggest.ts'
import type { Expression, LanguageContext, Predicate } from './language.ts'

/** A language for expressions. Its compile functions are called once per use in a route, at start. */
export interface Language {
  readonly name: string
  /** Throws `DROMEDARY_INVALID_EXPRESSION` for a text that it cannot read. */
  compileExpression(text: string, context: LanguageContext): Expression
  /** Without it, the value of the expression decides: null, false, blank and empty are false. */
  compilePredicate?(text: string, context: LanguageContext): Predicate
}

/** The languages of a context, by name. */
export class LanguageRegistry {
  readonly #byName: ReadonlyMap<string, Language>

  /** Throws `DROMEDARY_INVALID_EXPRESSION` if two languages have one name. */
  constructor(languages: Iterable<Language>) {
    const byName = new Map<string, Language>()
    for (const language of languages) {
      if (byName.has(language.name)) {
        throw new DromedaryError('DROMEDARY_INVALID_EXPRESSION', `two languages are named ${language.name}`)
      }
      byName.set(language.name, language)
    }
    this.#byName = byName
  }

  /** In the order of their adding. */
  get names(): string[] {
    return [...this.#byName.keys()]
  }

  /** A registry with these as well. */
  with(...languages: readonly Language[]): LanguageRegistry {
    return new LanguageRegistry([...this.#byName.values(), ...languages])
  }

  /** Throws `DROMEDARY_INVALID_EXPRESSION`, naming the languages that there are. */
  get(name: string): Language {
    const language = this.#byName.get(name)
    if (language !== undefined) return language
    throw new DromedaryError(
      'DROMEDARY_INVALID_EXPRESSION',
      `unknown language ${JSON.stringify(name)}${didYouMean(name, this.names)}; there are ${this.names.join(', ')}`,
    )
  }
}
