import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Message } from '../exchange/message.ts'
import { isThenable } from '../runtime/thenable.ts'

/** Property in which a route with `useOriginalMessage` or `useOriginalBody` keeps the message that entered it. */
const ORIGINAL_MESSAGE = 'DromedaryOriginalMessage'

/** What of the message that entered the route takes the place of what became of it. */
export interface UseOriginal {
  readonly useOriginalMessage: boolean
  readonly useOriginalBody: boolean
}

export const asksForOriginal = (of: UseOriginal): boolean => of.useOriginalMessage || of.useOriginalBody

/** A route that keeps the message as it enters. Puts back what the route that called this one keeps. */
export function keepingOriginal(run: Processor): Processor {
  return exchange => {
    const before = exchange.getProperty(ORIGINAL_MESSAGE)
    exchange.setProperty(ORIGINAL_MESSAGE, exchange.message.copy())
    const restore = () => {
      if (before === undefined) exchange.removeProperty(ORIGINAL_MESSAGE)
      else exchange.setProperty(ORIGINAL_MESSAGE, before)
    }
    let result: unknown
    try {
      result = run(exchange)
    } catch (error) {
      restore()
      throw error
    }
    if (isThenable(result)) return Promise.resolve(result).finally(restore)
    restore()
  }
}

/** Puts the kept message, or its body, in its place. */
export function useOriginal(exchange: Exchange, { useOriginalMessage, useOriginalBody }: UseOriginal): void {
  const original = exchange.getProperty(ORIGINAL_MESSAGE) as Message | undefined
  if (original === undefined) return
  if (useOriginalMessage) exchange.message = original.copy()
  if (useOriginalBody) exchange.message.body = original.body
}

/** For a part with a unit of work of its own: what entered is the part. */
export function ownOriginal(part: Exchange): void {
  if (part.getProperty(ORIGINAL_MESSAGE) !== undefined) part.setProperty(ORIGINAL_MESSAGE, part.message.copy())
}
