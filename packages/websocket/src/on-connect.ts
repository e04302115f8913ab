/** What {@link OnConnect} is told about a connection that has just been opened. */
export interface ConnectedTo {
  /** What the route has reached, from its `resumable` step; undefined where nothing is known. */
  readonly resumeFrom: unknown
  /** The sub-protocol that was agreed on, or undefined. */
  readonly subProtocol: string | undefined
  readonly routeId: string
  /** Aborts when the consumer stops, or the handshake time-out has passed. */
  readonly signal: AbortSignal
}

/**
 * Gives what a client consumer sends first on every connection: a text, or bytes as a binary message; undefined for
 * nothing. No message of the server enters the route before that. What it throws ends the connection, and is tried again.
 */
export type OnConnect = (at: ConnectedTo) => string | Uint8Array | undefined | Promise<string | Uint8Array | undefined>
