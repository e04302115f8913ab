import type { Clock } from '../../clock.ts'
import { DromedaryError } from '../../errors.ts'
import type { Changes } from './changes.ts'
import type { ExpectationSet } from './expectation-set.ts'
import type { MockOptions } from './options.ts'
import type { Received } from './received.ts'
import { showBodies } from './show-short.ts'

/** What a test may change of a mock endpoint; `reset()` brings back what its URI says. */
export type MockSettings = Omit<MockOptions, 'expectedCount' | 'reportGroup'>

/** A mock endpoint as an assertion sees it. */
export interface Asserted {
  readonly uri: string
  readonly settings: MockSettings
  readonly clock: Clock
  readonly received: Received
  readonly expectations: ExpectationSet
  /** Tells of each message, and of each new expectation. */
  readonly changes: Changes
}

/** Resolves when what was expected came in time, and rejects else. The rules are those of `MockEndpoint.assertIsSatisfied`. */
export async function untilSatisfied(at: Asserted, withinMs: number | undefined): Promise<void> {
  const { settings, clock, received, expectations, changes } = at
  if (expectations.empty) throw unsatisfied(at, 'nothing was expected of it: call expectedMessageCount or another')
  const began = clock.monotonic()
  const isBroken = () => settings.failFast && expectations.broken
  const isDecided = () => isBroken() || (received.count > 0 && expectations.settled)
  const nothingIsRight = received.count === 0 && expectations.wrong().length === 0
  await changes.until(isDecided, withinMs ?? (nothingIsRight ? settings.sleepForEmptyTest : settings.resultWaitTime))
  const took = Math.round(clock.monotonic() - began)
  if (settings.assertPeriod > 0) await changes.until(isBroken, settings.assertPeriod)
  const wrong = expectations.wrong()
  if (wrong.length > 0) throw unsatisfied(at, `${wrong.join('; ')}; waited ${Math.round(clock.monotonic() - began)} ms`)
  const { resultMinimumWaitTime: least } = settings
  if (took < least) throw unsatisfied(at, `expected to wait ${least} ms at least, but all came within ${took} ms`)
}

/** `DROMEDARY_EXPECTATION_FAILED`, with what came. */
export function unsatisfied({ uri, received }: Asserted, problem: string): DromedaryError {
  const { count, kept } = received
  const came = count === 0 ? 'nothing came' : `${count} came: ${showBodies(kept)}`
  return new DromedaryError('DROMEDARY_EXPECTATION_FAILED', `${uri} is not satisfied: ${problem}; ${came}`)
}
