import { typeName } from '../../exchange/converters.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { PathStep } from './ast.ts'
import type { Scope } from './function.ts'
import { isForbidden, NOTHING, readIndex, readMember } from './members.ts'

/** Goes from a value into it. */
export type Access = (value: unknown, exchange: Exchange) => unknown

/**
 * A path as one closure. A missing value at its beginning gives a missing value, as in Camel; one further on is an
 * error unless the next step begins with `?`.
 */
export function compilePath(steps: readonly PathStep[], scope: Scope): Access {
  const accesses = steps.map(step => compileStep(step, scope))
  const [only] = accesses
  if (only !== undefined && accesses.length === 1) {
    return (value, exchange) => (value === null || value === undefined ? undefined : only(value, exchange))
  }
  return (value, exchange) => {
    let current = value
    for (let at = 0; at < accesses.length; at++) {
      if (current === null || current === undefined) {
        if (at === 0 || steps[at]?.nullSafe) return undefined
        const { name, before } = describe(steps, at)
        throw scope.failed(`cannot read ${name} of ${before}, which is missing; ?${name} allows for that`)
      }
      current = (accesses[at] as Access)(current, exchange)
    }
    return current
  }
}

function compileStep(step: PathStep, scope: Scope): Access {
  if (step.kind === 'member') {
    const { name, call } = step
    return value => {
      const found = readMember(value as object, name)
      if (found !== NOTHING) return found
      if (call || typeof value !== 'object')
        throw noMember(scope, value, call ? `method ${name}() without arguments` : name)
      return undefined
    }
  }
  const { key } = step
  const readKey = scope.compile(key)
  return (value, exchange) => {
    const name = scope.text(readKey(exchange)).trim()
    if (isForbidden(name)) throw scope.failed(`${name} is not accessible`)
    const found = readIndex(value as object, name)
    if (found !== NOTHING) return found
    if (typeof value !== 'object') throw noMember(scope, value, `[${name}]`)
    return undefined
  }
}

const noMember = (scope: Scope, value: unknown, what: string) =>
  scope.failed(`a value of type ${typeName(value)} has no ${what}`)

function describe(steps: readonly PathStep[], at: number): { name: string; before: string } {
  const shown = (step: PathStep | undefined) =>
    step?.kind === 'member' ? `.${step.name}` : step?.key.kind === 'literal' ? `[${step.key.value}]` : '[…]'
  return { name: shown(steps[at]), before: shown(steps[at - 1]) }
}
