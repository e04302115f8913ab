import type { Exchange } from '../exchange/exchange.ts'

/** Property of parts that stand or fall with the exchange that they were made of; copies of them are such parts as well. */
const SHARED = 'DromedarySharedUnitOfWork'

export function shareUnitOfWork(part: Exchange): void {
  part.setProperty(SHARED, true)
}

/** It runs on its own from here on. */
export function leaveSharedUnitOfWork(copy: Exchange): void {
  copy.removeProperty(SHARED)
}

/** A failure of such a part is no dead letter: it fails the exchange that it is a part of, which then is one. */
export const sharesUnitOfWork = (exchange: Exchange): boolean => exchange.getProperty(SHARED) === true
