import { EOL, homedir, type as osType, release, tmpdir, userInfo } from 'node:os'
import { delimiter, sep } from 'node:path'
import { DromedaryError } from '../../../errors.ts'
import type { Expression } from '../../language.ts'
import type { FunctionNode, Node } from '../ast.ts'
import type { Scope, SimpleFunction } from '../function.ts'

/** The JVM's system properties that have a counterpart here. */
const SYSTEM: ReadonlyMap<string, () => string> = new Map([
  ['user.home', homedir],
  ['user.dir', process.cwd],
  ['user.name', () => userInfo().username],
  ['java.io.tmpdir', tmpdir],
  ['os.name', osType],
  ['os.version', release],
  ['os.arch', () => process.arch],
  ['line.separator', () => EOL],
  ['file.separator', () => sep],
  ['path.separator', () => delimiter],
])

/** The whole path is the name, dots and all. */
function nameOf(node: FunctionNode, scope: Scope): string {
  const [first] = node.path
  if (first === undefined) throw scope.invalid(node.at, `a name is missing: ${node.name}.NAME`)
  const bracketed = first.kind === 'index' && node.path.length === 1 ? first.key : undefined
  if (bracketed !== undefined && bracketed.kind === 'literal') return String(bracketed.value).trim()
  if (node.path.some(step => step.kind !== 'member' || step.call))
    throw scope.invalid(node.at, 'a plain name is expected')
  return node.rawPath
}

const environment: SimpleFunction = {
  usage: 'env.NAME',
  path: 'key',
  compile: (node, scope) => {
    const name = nameOf(node, scope)
    return () => process.env[name]
  },
}

/** The text up to the first colon that was written, and the one behind it; colons in values do not count. */
function splitDefault(text: Node): { key: readonly Node[]; otherwise: readonly Node[] | undefined } {
  const parts = text.kind === 'template' ? text.parts : [text]
  const at = parts.findIndex(part => part.kind === 'literal' && String(part.value).includes(':'))
  const split = parts[at]
  if (split?.kind !== 'literal') return { key: parts, otherwise: undefined }
  const value = String(split.value)
  const colon = value.indexOf(':')
  return {
    key: [...parts.slice(0, at), { ...split, value: value.slice(0, colon) }],
    otherwise: [{ ...split, value: value.slice(colon + 1) }, ...parts.slice(at + 1)],
  }
}

function compileProperties(node: FunctionNode, scope: Scope): Expression {
  if (node.colon === undefined) throw scope.invalid(node.at, 'the function is written properties:key:default')
  const { key, otherwise } = splitDefault(node.colon)
  const readKey = scope.compile({ kind: 'template', at: node.at, parts: key })
  const readDefault = otherwise && scope.compile({ kind: 'template', at: node.at, parts: otherwise })
  return exchange => {
    const name = scope.text(readKey(exchange)).trim()
    const value = scope.context.property(name) ?? readDefault?.(exchange)
    if (value !== undefined) return value
    throw new DromedaryError(
      'DROMEDARY_UNKNOWN_PLACEHOLDER',
      `the property ${name} has no value; set it, or write properties:${name}:default`,
    )
  }
}

/** Properties of the context, environment variables, and what stands for the JVM's system properties. */
export const CONFIG_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  properties: { usage: 'properties:key:default', colon: 'text', compile: compileProperties },
  env: environment,
  sysenv: { ...environment, usage: 'sysenv.NAME' },
  sys: {
    usage: 'sys.name',
    path: 'key',
    compile: (node, scope) => {
      const name = nameOf(node, scope)
      return () => scope.context.property(name) ?? SYSTEM.get(name)?.()
    },
  },
}
