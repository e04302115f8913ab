import { z } from 'zod'
import { flag, integer } from '../component/options.ts'
import { lazily, parseNode } from '../definition/parse-node.ts'
import { messageOf } from '../errors.ts'
import type { DataFormat } from './data-format.ts'
import { findProto, firstJsonError } from './json-check.ts'
import { formatError, textOf } from './source.ts'

export const jsonOptions = lazily(() =>
  z.strictObject({
    prettyPrint: flag().default(false).describe('Writes lines, indented by two blanks.'),
    contentTypeHeader: flag().default(true).describe('Whether marshal sets the header Content-Type.'),
    maxLength: integer({ min: 1 })
      .default(64 * 1024 * 1024)
      .describe('Longest body that is read, in characters or bytes.'),
  }),
)

export type JsonOptions = z.input<ReturnType<typeof jsonOptions>> & {
  /** As that of `JSON.parse`: sees each value, and gives what takes its place. */
  reviver?(key: string, value: unknown): unknown
}

/**
 * JSON. `unmarshal` reads texts and bytes that are UTF-8; `marshal` writes a text. A body with the key `__proto__` is
 * refused: what merges it into other objects would change them all. Throws `DROMEDARY_INVALID_OPTION`.
 */
export function json<T = unknown>(options: JsonOptions = {}): DataFormat<T> {
  const { reviver, ...rest } = options
  const { prettyPrint, contentTypeHeader, maxLength } = parseNode('json', jsonOptions(), rest)
  const indent = prettyPrint ? 2 : undefined
  return {
    name: 'json',
    contentType: contentTypeHeader ? 'application/json' : undefined,
    marshal: (_, value) => write(value, indent),
    unmarshal: (_, body) => {
      const text = textOf('json', body, maxLength)
      // The text is searched, which is quick; only one that may have the key is looked through.
      if (mayHaveProto(text)) refuseProto(parse(text))
      return parse(text, reviver) as T
    },
  }
}

/** One of the key's characters, escaped. */
const ESCAPED = /\\u00(?:5[fF]|6[fF]|7[024])/

const mayHaveProto = (text: string): boolean =>
  text.includes('__proto__') || (text.includes('\\u00') && ESCAPED.test(text))

function parse(text: string, reviver?: JsonOptions['reviver']): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch (cause) {
    throw cause instanceof SyntaxError ? unreadable(text) : cause
  }
}

function refuseProto(value: unknown): void {
  const path = findProto(value)
  if (path !== undefined) throw formatError('json', `the key __proto__ ${path} is refused`)
}

function write(value: unknown, indent: number | undefined): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value, undefined, indent)
  } catch (cause) {
    throw formatError('json', `the value cannot be written: ${messageOf(cause)}`, cause)
  }
  if (text === undefined) throw formatError('json', `a value of type ${typeof value} cannot be written`)
  return text
}

/**
 * Where it stops being JSON, and a little of what stands there: never more, since it comes from outside. The error of
 * the parser, which quotes the text as well, is not passed on.
 */
function unreadable(text: string): Error {
  if (text.trim() === '') return formatError('json', 'the body is empty')
  const at = firstJsonError(text)
  const found = at >= text.length ? 'it ends too early' : `found ${JSON.stringify(text.slice(at, at + 20))}`
  return formatError('json', `the body is no JSON at position ${at}: ${found}`)
}
