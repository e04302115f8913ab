import type { IncomingMessage } from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import type { KubernetesObject } from './objects.ts'

/** What a watch says of one object. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubernetesObject
}

/** An open watch; ends when the server ends it or when it is disposed. */
export class Watch implements Disposable {
  /** Resolves when it has ended: with the error if its connection broke, with undefined if the server closed it in order. */
  readonly ended: Promise<Error | undefined>
  readonly #events: WatchEvent[] = []
  readonly #answer: IncomingMessage

  /** For {@link ApiClient}. */
  constructor(answer: IncomingMessage) {
    this.#answer = answer
    const decoder = new StringDecoder('utf8')
    let rest = ''
    answer.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#events.push(JSON.parse(line))
    })
    this.ended = new Promise(resolve => {
      answer.once('end', () => resolve(undefined))
      answer.once('error', resolve)
      answer.once('close', () => resolve(undefined))
    })
  }

  /** In the order of their receipt; grows. */
  get events(): readonly WatchEvent[] {
    return this.#events
  }

  [Symbol.dispose](): void {
    this.#answer.destroy()
  }
}
