import type { Clock } from '@dromedary/core'

/**
 * How a connection ends: `end` closes it after what was sent, `reset` at once, with whatever lies in buffers, `cut` in the
 * middle of a message (WebSocket has no such thing: it resets).
 */
export type DropHow = 'end' | 'reset' | 'cut'

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** For lines of text. Default 0: any. */
  readonly tcpPort?: number
  /** For WebSocket. Default 0: any. */
  readonly wsPort?: number
  /** Messages a second, from the start on. Default `max`: as fast as whoever listens takes them. */
  readonly rate?: number | 'max'
  /** How many messages there are. Default: no end. */
  readonly total?: number
  /** Another seed, other messages. Default 1. */
  readonly seed?: number
  /** Whether a client may go on after a message of its choice. Default true; false takes no notice of what it asks for. */
  readonly replay?: boolean
  /** How long a client may take to say where it goes on, in milliseconds; then it gets what is new. Default 100. */
  readonly requestMs?: number
  /** Ends each connection after so many messages. Default 0: never. */
  readonly dropEvery?: number
  /** How `dropEvery` does it. Default `end`. */
  readonly dropHow?: DropHow
  /** So many messages apart one is no valid message. Default 0: none. */
  readonly malformedEvery?: number
  /** Takes a line for each connection that begins or ends. Default: nobody. */
  readonly log?: (line: string) => void
  readonly clock?: Clock
}

export interface SimulatorStats {
  /** Connections so far. */
  readonly connections: number
  /** Connections that are open. */
  readonly open: number
  /** Connections that began while another one was open: what must not happen. */
  readonly overlaps: number
  /** Number of the newest message. */
  readonly head: number
  /** Messages sent, on all connections together. */
  readonly sent: number
  /** What each connection asked to go on after; undefined where it asked for nothing. */
  readonly requests: readonly (number | undefined)[]
  /** Messages that are there and that the connections which are open have not taken. */
  readonly backlog: number
  /** Bytes that connections had not taken when they ended. */
  readonly unsentBytes: number
}

export interface Simulator extends AsyncDisposable {
  readonly tcpPort: number
  readonly wsPort: number
  readonly stats: SimulatorStats
  /** Ends all connections. Default `end`. */
  drop(how?: DropHow): void
  /** No message comes after the newest; gives its number. Connections stay. */
  end(): number
  /** Ends all connections and listens no more. */
  close(): Promise<void>
}
