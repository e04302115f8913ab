import type { Leadership } from '@dromedary/core/cluster'
import { DromedaryError } from '@dromedary/core/component'
import type { Session } from './session.ts'
import type { SessionSettings } from './settings.ts'

/** What the endpoints of one route add. */
export interface RouteSettings {
  readonly positions?: string
  readonly fences?: readonly string[]
  /** Outside a cluster, where no namespace and term make one. */
  readonly transactionalId?: string
}

/** Begins sessions: those of one way to reach the brokers. */
export interface SessionMaker {
  /** Throws where something is missing. */
  settings(routeId: string, leadership: Leadership | undefined, own: RouteSettings): SessionSettings
  /** Sends nothing before `after` has resolved. */
  begin(
    routeId: string,
    leadership: Leadership | undefined,
    settings: SessionSettings,
    after: Promise<void> | undefined,
  ): Session
}

/** An endpoint, or a resume strategy, that takes part in sessions. */
export interface SessionUser {
  readonly maker: SessionMaker
  readonly settings: RouteSettings
  /** Those of one set of routes have the same one, and have to agree. */
  readonly set?: object | undefined
}

type Value = 'positions' | 'transactionalId'
const VALUES: readonly Value[] = ['positions', 'transactionalId']

/** What all of them say. Throws `DROMEDARY_INVALID_OPTION` where two of them disagree. */
export function merged(routeId: string, users: Iterable<SessionUser>): RouteSettings {
  let all: RouteSettings = {}
  for (const { settings } of users) {
    for (const value of VALUES) {
      if (differ(all[value], settings[value])) throw twoValues(routeId, value, all[value], settings[value])
    }
    all = { ...all, ...settings, fences: [...new Set([...(all.fences ?? []), ...(settings.fences ?? [])])] }
  }
  return all
}

/** Throws `DROMEDARY_INVALID_OPTION` where one of the same set says something else. */
export function checkSet(routeId: string, user: SessionUser, others: Iterable<SessionUser>): void {
  if (user.set === undefined) return
  for (const other of others) if (other.set === user.set) merged(routeId, [other, user])
}

export const differ = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other

export const twoValues = (routeId: string, what: string, one = '', other = '') =>
  new DromedaryError('DROMEDARY_INVALID_OPTION', `route ${routeId} has two values of ${what}: ${one} and ${other}`)
