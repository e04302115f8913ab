/** A connection that was made, before anything is read from it. */
export interface NewConnection {
  /**
   * The position that the route goes on after, as its `resumable` step keeps it; undefined where nothing is known: at the
   * very first start, or without such a step.
   */
  readonly resumeFrom: unknown
  /** `host:port` */
  readonly remoteAddress: string
  /** `host:port` */
  readonly localAddress: string
}

/**
 * Says what a client writes first on a connection, such as the request to go on from a position; undefined: nothing. A
 * text is written in the encoding of the endpoint, as it is: mind the line feed. One that throws or rejects ends the
 * connection, and the next attempt follows after the back-off.
 */
export type OnConnect = (
  connection: NewConnection,
) => string | Uint8Array | undefined | Promise<string | Uint8Array | undefined>

/** Whether the value can be called. */
// biome-ignore lint/suspicious/noExplicitAny: its parameters are the business of whoever calls it
export const isFunction = (value: unknown): value is (...given: any[]) => any => typeof value === 'function'
