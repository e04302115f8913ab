import { DromedaryError } from '../errors.ts'
import { percentDecode } from '../uri/normalise.ts'
import { writePath } from './endpoint-ref.ts'

/** A path parameter: what it is, and whether it may be left out (only at the end of the path). */
export type PathParameter = string | { readonly description: string; readonly optional?: boolean }

/** How the path of a component is written: `protocol://host:port`. */
export interface PathSyntax {
  /** With the scheme, as people write it. */
  readonly text: string
  readonly parameters: readonly {
    readonly name: string
    /** What stands between the parameter before and this one. */
    readonly before: string
    readonly description: string
    readonly optional: boolean
  }[]
  /** The last parameter is the URI of another endpoint: taken as written, with its query. */
  readonly wraps: boolean
}

/** Reads the syntax of a component. Throws a TypeError when syntax and descriptions do not name the same parameters. */
export function readSyntax(
  scheme: string,
  syntax: string,
  described: Readonly<Record<string, PathParameter>>,
  wraps: boolean,
): PathSyntax {
  const parameters = [...syntax.matchAll(/([^\w]*)(\w+)/g)].map(([, before = '', name = '']) => {
    const parameter = described[name]
    if (parameter === undefined) throw new TypeError(`${scheme}: the path parameter ${name} has no description`)
    return typeof parameter === 'string'
      ? { name, before, description: parameter, optional: false }
      : { name, before, description: parameter.description, optional: parameter.optional ?? false }
  })
  const surplus = Object.keys(described).find(name => parameters.every(parameter => parameter.name !== name))
  if (surplus !== undefined) throw new TypeError(`${scheme}: the syntax ${syntax} has no path parameter ${surplus}`)
  if (parameters.length === 0) throw new TypeError(`${scheme}: a component needs at least one path parameter`)
  return { text: `${scheme}:${syntax}`, parameters, wraps }
}

/** The path parameters of a URI by name. Throws `DROMEDARY_INVALID_URI` for one that is missing or empty; `uri` is masked. */
export function readPath(syntax: PathSyntax, path: string, uri: string): Record<string, string> {
  const values: Record<string, string> = {}
  let left: string | undefined = path
  for (const [at, { name, optional }] of syntax.parameters.entries()) {
    const next = syntax.parameters[at + 1]
    const end: number = next === undefined || left === undefined ? -1 : left.indexOf(next.before)
    const written = end < 0 ? left : left?.slice(0, end)
    left = end < 0 || next === undefined ? undefined : left?.slice(end + next.before.length)
    if (written !== undefined && written !== '') {
      values[name] = syntax.wraps && next === undefined ? written : percentDecode(written)
    } else if (!optional) throw missing(syntax, name, ` in ${uri}`)
  }
  return values
}

/** The path with these values, so that {@link readPath} gives them back. Throws `DROMEDARY_INVALID_URI` for a missing one. */
export function writeParameters(syntax: PathSyntax, values: readonly (string | undefined)[]): string {
  let path = ''
  for (const [at, { name, before, optional }] of syntax.parameters.entries()) {
    const value = values[at]
    if (value === undefined || value === '') {
      if (optional) break
      throw missing(syntax, name, '')
    }
    const next = syntax.parameters[at + 1]
    path += before + (syntax.wraps && next === undefined ? value : writePath(value, next?.before.slice(0, 1) ?? ''))
  }
  return path.startsWith('//') ? `%2F${path.slice(1)}` : path
}

function missing(syntax: PathSyntax, name: string, where: string): DromedaryError {
  return new DromedaryError('DROMEDARY_INVALID_URI', `${name} is missing${where}: write ${syntax.text}`)
}
