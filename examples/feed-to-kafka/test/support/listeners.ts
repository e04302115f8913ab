import { connect, type Socket } from 'node:net'
import { MESSAGE_BYTES } from '../../src/simulator/index.ts'

/** A client of the feed over TCP that keeps what it was sent. */
export class TcpListener {
  readonly socket: Socket
  text = ''
  error: NodeJS.ErrnoException | undefined
  readonly ended: Promise<void>

  constructor(port: number, request?: string) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.setEncoding('latin1')
    this.socket.on('data', chunk => {
      this.text += chunk
    })
    this.socket.on('error', error => {
      this.error = error
    })
    this.ended = new Promise(resolve => this.socket.once('close', () => resolve()))
    if (request !== undefined) this.socket.write(`${request}\n`)
  }

  /** Whole lines. */
  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }

  /** Numbers of the messages. */
  get numbers(): number[] {
    return this.lines.map(numberOf)
  }

  /** What came after the last whole line. */
  get rest(): string {
    return this.text.slice(this.text.lastIndexOf('\n') + 1)
  }
}

/** Also of one that is no valid message. */
export const numberOf = (line: string): number => Number(/^\{"seq":(\d+),/.exec(line)?.[1])

export const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

export const LINE_BYTES = MESSAGE_BYTES + 1
