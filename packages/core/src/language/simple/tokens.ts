import { DromedaryError } from '../../errors.ts'
import { maskSecrets } from '../../uri/mask.ts'
import type { Comparison } from './ast.ts'

/** An operator with blanks on both sides. */
export type OperatorToken =
  | {
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly negated: boolean
      readonly at: number
      readonly end: number
    }
  | { readonly kind: '&&' | '||' | '?:' | '~>' | '?~>' | '?' | ':'; readonly at: number; readonly end: number }

const OPERATOR =
  /(?:(==|!=~|!=|=~|>=|<=|>|<)|(&&|\|\||\?:|\?~>|~>|\?|:)|(!|not\s+)?(~~|contains|regex|in|is|range|startsWith|starts\s+with|endsWith|ends\s+with|equals))(?=\s|$)/y
const NUMBER = /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[\s,;)}]|$)/y
const WORD = /(?:true|false|null)(?=[\s,;)}]|$)/y
const RANGE = /[+-]?\d+(?:\.\d+)?\.\.[+-]?\d+(?:\.\d+)?(?=[\s,;)}]|$)/y
const FUNCTION_NAME = /[A-Za-z_]\w*(?:-[A-Za-z]\w*)*/y
const KEY = /[^\s.[\](){}?,'"]+/y
const IDENTIFIER = /[A-Za-z_]\w*/y
const BLANKS = /\s+/y

/** How a backslash is read in text: as in Camel, and `\${` for a dollar and a brace that open no function. */
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '}': '}' }

/** Reads tokens off a Simple text. What a character means depends on where it stands: the parser asks for what may come. */
export class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  /** The character here; empty at the end. */
  get here(): string {
    return this.text.charAt(this.at)
  }

  sees(token: string): boolean {
    return this.text.startsWith(token, this.at)
  }

  /** Moves past the token if it stands here. */
  take(token: string): boolean {
    if (!this.sees(token)) return false
    this.at += token.length
    return true
  }

  /** Whether there were any. */
  skipBlanks(): boolean {
    return this.#match(BLANKS) !== undefined
  }

  /** The opening of a function: `${` or `$simple{`. */
  takeOpening(): boolean {
    return this.take('${') || this.take('$simple{')
  }

  seesOpening(): boolean {
    return this.sees('${') || this.sees('$simple{')
  }

  /** The operator behind the blanks that start here, without moving. */
  peekOperator(): OperatorToken | undefined {
    const start = this.at
    if (!this.skipBlanks()) return undefined
    const at = this.at
    OPERATOR.lastIndex = at
    const match = OPERATOR.exec(this.text)
    this.at = start
    if (match === null) return undefined
    const end = at + match[0].length
    if (match[2] !== undefined) return { kind: match[2] as '&&', at, end }
    if (match[1] !== undefined) return { kind: 'compare', ...SYMBOLS[match[1]], at, end } as OperatorToken
    const operator = WORDS[(match[4] ?? '').replace(/\s+/, ' ')] as Comparison
    return { kind: 'compare', operator, negated: match[3] !== undefined, at, end }
  }

  takeNumber(): number | undefined {
    const digits = this.#match(NUMBER)
    return digits === undefined ? undefined : Number(digits)
  }

  /** true, false or null. */
  takeWord(): { readonly value: boolean | null } | undefined {
    const word = this.#match(WORD)
    return word === undefined ? undefined : { value: word === 'null' ? null : word === 'true' }
  }

  /** `100..199` without quotes. */
  takeRange(): string | undefined {
    return this.#match(RANGE)
  }

  takeFunctionName(): string | undefined {
    return this.#match(FUNCTION_NAME)
  }

  /** A name behind a dot: everything up to the next sign of the path grammar. A trailing `++` or `--` is an operator. */
  takeKey(): string | undefined {
    const key = this.#match(KEY)
    const isStep = key !== undefined && key.length > 2 && /(?:\+\+|--)$/.test(key) && /^(?:[\s,;)}]|$)/.test(this.here)
    if (isStep) this.at -= 2
    return isStep ? key.slice(0, -2) : key
  }

  /** `$name`, if the name is one of these. */
  takeLocal(names: ReadonlySet<string>): string | undefined {
    if (names.size === 0 || this.here !== '$') return undefined
    const start = this.at
    this.at++
    const name = this.#match(IDENTIFIER)
    if (name !== undefined && names.has(name)) return name
    this.at = start
    return undefined
  }

  /** The character that an escape here stands for; undefined where none stands here. */
  takeEscape(quote?: string): string | undefined {
    if (this.here !== '\\') return undefined
    const next = this.text.charAt(this.at + 1)
    if (this.sees('\\${')) {
      this.at += 3
      return '${'
    }
    const escaped = ESCAPES[next] ?? (quote !== undefined && next === quote ? quote : undefined)
    if (escaped !== undefined) this.at += 2
    return escaped
  }

  /** The error for what stands at this offset. */
  invalid(message: string, at = this.at): DromedaryError {
    return invalidExpression(this.text, at, message)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }
}

const SYMBOLS: Readonly<Record<string, { operator: Comparison; negated: boolean }>> = {
  '==': { operator: '==', negated: false },
  '!=': { operator: '==', negated: true },
  '=~': { operator: '=~', negated: false },
  '!=~': { operator: '=~', negated: true },
  '>': { operator: '>', negated: false },
  '>=': { operator: '>=', negated: false },
  '<': { operator: '<', negated: false },
  '<=': { operator: '<=', negated: false },
}

const WORDS: Readonly<Record<string, Comparison>> = {
  '~~': '~~',
  contains: 'contains',
  regex: 'regex',
  in: 'in',
  is: 'is',
  range: 'range',
  startsWith: 'startsWith',
  'starts with': 'startsWith',
  endsWith: 'endsWith',
  'ends with': 'endsWith',
  equals: 'equals',
}

/** A text for error messages: secrets of URIs in it masked, cut at 200 characters, quoted. */
export function shownText(text: string): string {
  const masked = maskSecrets(text)
  return JSON.stringify(masked.length > 200 ? `${masked.slice(0, 200)}…` : masked)
}

/** `DROMEDARY_INVALID_EXPRESSION`, with the text and the place in it, counted from 1. */
export function invalidExpression(text: string, at: number, message: string): DromedaryError {
  return new DromedaryError(
    'DROMEDARY_INVALID_EXPRESSION',
    `Simple ${shownText(text)}, character ${at + 1}: ${message}`,
  )
}
