export type { ConnectedTo, OnConnect } from './on-connect.ts'
export type { WebsocketOptions } from './options.ts'
export type { TlsParameters } from './tls.ts'
export { vertxWebsocket, type WebsocketComponent, ws, wss } from './websocket.ts'
