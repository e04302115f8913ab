import { inspect } from 'node:util'
import type { Exchange } from '../../exchange/exchange.ts'

const LONGEST = 60
const MOST = 10

/** A value for an error message: on one line, cut off when it is long. */
export function showShort(value: unknown): string {
  const text = inspect(value, {
    depth: 3,
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
    maxStringLength: LONGEST,
  })
  const line = text.replaceAll(/\s*\n\s*/g, ' ')
  return line.length > LONGEST * 2 ? `${line.slice(0, LONGEST * 2)}…` : line
}

/** The bodies of the first few exchanges, shortened. */
export function showBodies(exchanges: readonly Exchange[]): string {
  const shown = exchanges.slice(0, MOST).map(({ body }) => showShort(body))
  return [...shown, ...(exchanges.length > MOST ? [`${exchanges.length - MOST} more`] : [])].join(', ')
}
