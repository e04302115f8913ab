import type { DropHow } from './options.ts'

/** A connection, whatever its protocol. */
export interface Client {
  readonly protocol: 'tcp' | 'websocket'
  readonly address: string
  /** Whether the other side has not said, nor the system noticed, that it is over. */
  readonly alive: boolean
  /** Sends messages by their numbers; `taken` is called once the system has taken the last of them. Gives the bytes. */
  send(first: number, last: number, taken: () => void): number
  drop(how: DropHow): void
  /** Frees it at once. */
  destroy(): void
}

/** What a client may say: to go on after a message; alone, from the first one on. */
const REQUEST = /^FROM(?: (\d{1,15}))?\r?\n?$/

/** The number in a request; undefined for anything else. */
export function readRequest(text: string): number | undefined {
  const found = REQUEST.exec(text)
  return found ? Number(found[1] ?? 0) : undefined
}
