import type { Local } from './ast.ts'
import type { Parser } from './parser.ts'

/** `$init{ $name := value; … }init$` at the beginning, and the blanks behind it. Empty where there is none. */
export function parseInit(parser: Parser): Local[] {
  const { scanner } = parser
  const start = scanner.text.search(/\S/)
  if (start < 0 || !scanner.text.startsWith('$init{', start)) return []
  scanner.at = start + '$init{'.length
  const locals: Local[] = []
  for (;;) {
    skipComments(parser)
    if (scanner.done) throw scanner.invalid('the init block is not closed by }init$', start)
    if (scanner.take('}init$')) break
    locals.push(parseStatement(parser))
  }
  scanner.skipBlanks()
  return locals
}

function parseStatement(parser: Parser): Local {
  const { scanner } = parser
  parser.count()
  const at = scanner.at
  const name = /^\$([A-Za-z_]\w*)/.exec(scanner.text.slice(at, at + 200))?.[1]
  if (name === undefined) throw scanner.invalid('a statement such as $name := value; is expected in the init block')
  scanner.at += name.length + 1
  scanner.skipBlanks()
  if (!scanner.take(':=')) throw scanner.invalid(`:= is expected behind $${name}`)
  scanner.skipBlanks()
  const value = parser.value()
  const behind = scanner.at
  scanner.skipBlanks()
  const ends = scanner.take(';') || scanner.text.slice(behind, scanner.at).includes('\n') || scanner.sees('}init$')
  if (!ends) throw scanner.invalid(`the statement of $${name} must end with ; or a new line`)
  parser.locals.add(name)
  return { name, value }
}

/** Blanks, and lines that begin with `//` or `##`. */
function skipComments({ scanner }: Parser): void {
  for (;;) {
    scanner.skipBlanks()
    if (!scanner.sees('//') && !scanner.sees('##')) return
    const end = scanner.text.indexOf('\n', scanner.at)
    scanner.at = end < 0 ? scanner.text.length : end
  }
}
