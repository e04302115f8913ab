import type { Eip } from './eip.ts'

/** Removes one header, by its exact name without regard to case. */
export const removeHeader: Eip<'removeHeader'> = (step, at) => {
  const name = at.text(step.name)
  return exchange => {
    exchange.message.removeHeader(name)
  }
}
