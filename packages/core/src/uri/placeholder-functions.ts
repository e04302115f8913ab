import type { DromedaryError } from '../errors.ts'
import type { PropertySource } from './placeholders.ts'

type Fail = (problem: string) => DromedaryError
type Lookup = (source: PropertySource, fail: Fail) => string | undefined

/** What a key such as `env:HOME` asks for; undefined for a plain key. */
export function placeholderFunction(key: string): Lookup | undefined {
  const colon = key.indexOf(':')
  if (colon < 0) return undefined
  const rest = key.slice(colon + 1)
  switch (key.slice(0, colon)) {
    case 'env':
      return source => environment(rest, source)
    case 'sys':
      // The JVM has system properties; what comes nearest is a property set on the command line.
      return source => source.property(rest)
    case 'bean':
      return (source, fail) => bean(rest, source, fail)
    case 'service':
    case 'service.name':
    case 'service.host':
    case 'service.port':
      return (_, fail) => {
        throw fail(
          `{{${key}}} names a service: there is no service discovery; write {{env:…_SERVICE_HOST}} or a property`,
        )
      }
    default:
      return undefined
  }
}

/** As written, and as shells can write it: `node.id` is also `NODE_ID`. */
function environment(name: string, source: PropertySource): string | undefined {
  const read = (variable: string) => (source.env ? source.env(variable) : process.env[variable])
  return read(name) ?? read(name.toUpperCase().replaceAll(/[.-]/g, '_'))
}

/** `name` is the bean as text, `name.member` what its property or method without parameters gives. */
function bean(reference: string, source: PropertySource, fail: Fail): string | undefined {
  const whole = source.lookup?.(reference)
  if (whole !== undefined) return String(whole)
  const dot = reference.lastIndexOf('.')
  if (dot < 0) return undefined
  const owner = source.lookup?.(reference.slice(0, dot))
  if (owner === undefined || owner === null) return undefined
  const name = reference.slice(dot + 1)
  const member: unknown = (owner as Record<string, unknown>)[name]
  const value: unknown = typeof member === 'function' ? member.call(owner) : member
  if (value === undefined) throw fail(`{{bean:${reference}}} asks for a member that the bean does not have: ${name}`)
  return String(value)
}
