import type { RouteEntry } from '@dromedary/core/component'
import type { Framing } from '../framing/framing.ts'
import type { TcpSettings } from '../options/schema.ts'
import type { Connection } from './connection.ts'
import type { Ticks } from './ticks.ts'

/** What the connections of one consumer have in common: where their messages go, and who is told of what becomes of them. */
export interface Traffic {
  readonly entry: RouteEntry
  readonly framing: Framing
  readonly settings: TcpSettings
  readonly ticks: Ticks
  /** This side closes it, for that reason. */
  refused(connection: Connection, reason: unknown): void
  /** The other side, or the network, broke it off. */
  broken(connection: Connection, error: Error): void
  /** Its socket is closed. Once; its exchanges may still be under way. */
  closed(connection: Connection): void
  /** It is closed, all that was read has been handed in, and all of it has ended. Once. */
  gone(connection: Connection): void
}
