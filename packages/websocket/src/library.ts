import type * as Ws from 'ws'

/** The library that speaks the protocol. */
export type WsLibrary = Pick<typeof Ws, 'WebSocket' | 'WebSocketServer'>

let loading: Promise<WsLibrary> | undefined

/** Loads `ws` when the first endpoint starts or warms up, and not before: an application that only names it does not pay. */
export function loadWs(): Promise<WsLibrary> {
  loading ??= import('ws')
  return loading
}

/** After a closing frame of `ws` itself (a protocol error, a message that is too long) the peer has this long, ms. */
const CLOSE_TIMEOUT_MS = 1_000

interface FrameLimits {
  readonly maxPayload: number
  readonly perMessageDeflate: boolean
}

/** What every connection is opened with, whoever opened it. */
export function frameLimits({ maxPayload, perMessageDeflate }: FrameLimits): FrameLimits {
  // @types/ws does not know closeTimeout yet.
  const limits = { maxPayload, perMessageDeflate, closeTimeout: CLOSE_TIMEOUT_MS }
  return limits
}
