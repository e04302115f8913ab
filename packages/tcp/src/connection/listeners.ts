import type { Socket } from 'node:net'

/** Where a socket keeps its listener: the functions are the same for all sockets, ten thousand idle ones too. */
const LISTENER = Symbol('listener')

/** What hears of all that happens to a socket. */
export interface SocketListener {
  /** Only between {@link listen} and {@link deafen}. */
  onData(chunk: Buffer): void
  /** The peer has said all. */
  onEnd(): void
  /** What was written has gone out. */
  onDrain(): void
  /** {@link onClose} follows. */
  onError(error: Error): void
  onClose(): void
}

type Heard = Socket & { [LISTENER]?: SocketListener }

function onData(this: Heard, chunk: Buffer): void {
  this[LISTENER]?.onData(chunk)
}

function onEnd(this: Heard): void {
  this[LISTENER]?.onEnd()
}

function onDrain(this: Heard): void {
  this[LISTENER]?.onDrain()
}

function onError(this: Heard, error: Error): void {
  this[LISTENER]?.onError(error)
}

function onClose(this: Heard): void {
  this[LISTENER]?.onClose()
}

/** Tells the listener of everything but data. */
export function attach(socket: Socket, listener: SocketListener): void {
  const heard = socket as Heard
  heard[LISTENER] = listener
  heard.on('end', onEnd).on('drain', onDrain).on('error', onError).on('close', onClose)
}

/** Data comes as well, until {@link deafen}. */
export function listen(socket: Socket): void {
  socket.on('data', onData)
}

/** What comes stays in the socket. */
export function deafen(socket: Socket): void {
  socket.off('data', onData)
}
