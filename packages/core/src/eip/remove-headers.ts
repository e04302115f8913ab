import type { Eip } from './eip.ts'
import { namePattern } from './name-pattern.ts'

/** Removes the headers that match a pattern, but for those that match the exclusion. */
export const removeHeaders: Eip<'removeHeaders'> = (step, at) => {
  const matches = namePattern(at.text(step.pattern))
  const stays = step.excludePattern === undefined ? () => false : namePattern(at.text(step.excludePattern))
  return exchange => {
    const { message } = exchange
    if (!message.hasHeaders()) return
    for (const name of message.headers.names()) if (matches(name) && !stays(name)) message.removeHeader(name)
  }
}
