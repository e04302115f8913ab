import type { Node } from './ast.ts'
import type { FunctionTable } from './function.ts'
import { parseInit } from './parse-init.ts'
import { parseOr, parsePostfix, parseTernary } from './parse-operators.ts'
import { Scanner } from './tokens.ts'

/** Nested deeper, or with more operators and functions, a text is refused: so no text can exhaust the stack. */
const DEEPEST = 200
const LONGEST = 1000

/** Where a stretch of text ends; asked at each character. */
export type Stop = (scanner: Scanner) => boolean

/** What the parts of the parser share. */
export class Parser {
  readonly scanner: Scanner
  readonly functions: FunctionTable
  /** Names that the init block has declared so far. */
  readonly locals = new Set<string>()
  /** Braces that were read, by their place: an argument that turns out to be text is read a second time. */
  readonly #braces = new Map<number, { readonly node: Node; readonly end: number }>()
  #depth = 0
  #size = 0

  constructor(text: string, functions: FunctionTable) {
    this.scanner = new Scanner(text)
    this.functions = functions
  }

  /** Text with functions in it. A lone function keeps the type of its value. */
  expression(): Node {
    return this.#script(() => this.template(scanner => scanner.done, true))
  }

  /** Comparisons between functions, joined by && and ||, of which && binds tighter. */
  predicate(): Node {
    return this.#script(() => {
      const { scanner } = this
      scanner.skipBlanks()
      if (scanner.done) throw scanner.invalid(`a predicate is expected, such as $\{header.x} == 1`)
      const node = this.value()
      this.#end()
      return node
    })
  }

  /**
   * Text up to where `stop` says so, functions put in. With `postfix` the operators that stand behind a function are
   * read as such: `++`, `--`, `~>`, `?~>` and `?:`.
   */
  template(stop: Stop, postfix: boolean): Node {
    const at = this.scanner.at
    const parts = this.parts(stop, postfix)
    const [only] = parts
    if (only === undefined) return { kind: 'literal', at, value: '' }
    return parts.length === 1 ? only : { kind: 'template', at, parts }
  }

  parts(stop: Stop, postfix: boolean, quote?: string): Node[] {
    const { scanner } = this
    const parts: Node[] = []
    let text = ''
    let textAt = scanner.at
    const flush = () => {
      if (text !== '') parts.push({ kind: 'literal', at: textAt, value: text })
      text = ''
    }
    while (!scanner.done && !stop(scanner)) {
      const at = scanner.at
      const escaped = scanner.takeEscape(quote)
      const node = escaped === undefined ? this.#embedded(at) : undefined
      if (node !== undefined) {
        flush()
        parts.push(postfix ? parsePostfix(this, node) : node)
        textAt = scanner.at
      } else if (escaped !== undefined) text += escaped
      else {
        text += scanner.here
        scanner.at++
      }
    }
    flush()
    return parts
  }

  /** What stands between quotes, as text. */
  quoted(): Node {
    const { scanner } = this
    const at = scanner.at
    const quote = scanner.here
    scanner.at++
    const parts = this.parts(inner => inner.here === quote, false, quote)
    if (!scanner.take(quote)) throw scanner.invalid(`the ${quote} that opens here is not closed`, at)
    const [only] = parts
    if (only === undefined) return { kind: 'literal', at, value: '' }
    return parts.length === 1 && only.kind === 'literal' ? only : { kind: 'template', at, parts }
  }

  /** A function, comparison, ternary or elvis in braces; stands behind the opening one. */
  braces(at: number): Node {
    const { scanner } = this
    const known = this.#braces.get(at)
    if (known !== undefined) {
      scanner.at = known.end
      return known.node
    }
    const node = this.nested(() => {
      scanner.skipBlanks()
      if (scanner.here === '}') throw scanner.invalid('the braces are empty; a function such as body belongs in them')
      const node = parseTernary(this)
      scanner.skipBlanks()
      if (scanner.done) throw scanner.invalid('the brace that opens here is not closed', at)
      if (!scanner.take('}')) throw this.unexpected()
      if (node.kind === 'literal' && node.value !== null) {
        throw scanner.invalid('braces hold a function; a value alone is written without them', at)
      }
      return node
    })
    this.#braces.set(at, { node, end: scanner.at })
    return node
  }

  /** A value or predicate whose functions stand in braces of their own. */
  value(): Node {
    return parseOr(this, false)
  }

  /** Runs one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > DEEPEST) throw this.scanner.invalid('nested too deep')
    const result = parse()
    this.#depth--
    return result
  }

  /** Counts one more operator or function. */
  count(): void {
    if (++this.#size > LONGEST) throw this.scanner.invalid(`more than ${LONGEST} operators and functions`)
  }

  /** The error for something that does not fit here. */
  unexpected() {
    const { scanner } = this
    const rest = scanner.text.slice(scanner.at)
    if (/^(?:[=!<>]=?|&&|\|\||~~|=~|\?)/.test(rest)) {
      return scanner.invalid(
        `an operator is not expected here, or lacks the blank before or behind it; a ternary stands inside one $\{ }`,
      )
    }
    const shown = rest === '' ? 'the end' : JSON.stringify(rest.length > 20 ? `${rest.slice(0, 20)}…` : rest)
    return scanner.invalid(`${shown} is not expected here; text to compare with is written in quotes`)
  }

  /** A function in braces, or a local variable. */
  #embedded(at: number): Node | undefined {
    if (this.scanner.takeOpening()) return this.braces(at)
    const name = this.scanner.takeLocal(this.locals)
    return name === undefined ? undefined : { kind: 'local', at, name }
  }

  #script(parse: () => Node): Node {
    const locals = parseInit(this)
    const body = parse()
    return locals.length === 0 ? body : { kind: 'script', at: 0, locals, body }
  }

  #end(): void {
    this.scanner.skipBlanks()
    if (!this.scanner.done) throw this.unexpected()
  }
}
