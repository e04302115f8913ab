import { isThenable } from '../runtime/thenable.ts'
import type { Eip } from './eip.ts'
import { setHeader } from './set-header.ts'

/** Sets several headers, in order: a later one sees the earlier. */
export const setHeaders: Eip<'setHeaders'> = (step, at) => {
  const setters = step.headers.map(header => setHeader({ kind: 'setHeader', ...header }, at))
  const run = (exchange: Parameters<(typeof setters)[number]>[0], from: number): unknown => {
    for (let index = from; index < setters.length; index++) {
      const result = setters[index]?.(exchange)
      if (isThenable(result)) return result.then(() => run(exchange, index + 1))
    }
  }
  return exchange => run(exchange, 0)
}
