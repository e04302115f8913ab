import type { FaultEvent, ValidEvent } from './events.ts'
import { EventTail } from './reader.ts'

/** How many events a failed wait quotes. */
const QUOTED = 8

/** The events of a stage as they are written, and a way to wait for more. */
export class Story {
  readonly events: FaultEvent[] = []
  readonly #tail: EventTail
  readonly #waiting = new Map<(event: FaultEvent) => void, NodeJS.Timeout>()

  constructor(file: string) {
    this.#tail = new EventTail(file, event => {
      this.events.push(event)
      for (const look of [...this.#waiting.keys()]) look(event)
    })
  }

  /** A place in the story: {@link until} can be told to look only at what comes after it. */
  mark(): number {
    this.#tail.read()
    return this.events.length
  }

  /** The first event that fits, after `from` or to come. Rejects in words after `withinMs`. */
  until<E extends FaultEvent = FaultEvent>(
    what: string,
    fits: (event: FaultEvent) => boolean,
    withinMs: number,
    from = 0,
  ): Promise<E> {
    for (let index = from; index < this.events.length; index++) {
      const event = this.events[index]
      if (event && fits(event)) return Promise.resolve(event as E)
    }
    return new Promise((resolve, reject) => {
      const look = (event: FaultEvent) => {
        if (!fits(event)) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(event as E)
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        reject(new Error(`expected within ${withinMs} ms: ${what}; the last events:${this.#quoted()}`))
      }, withinMs)
      this.#waiting.set(look, timer)
    })
  }

  /** The newest leadership of the namespace, if its member has neither let go nor been killed. */
  leading(namespace: string): ValidEvent | undefined {
    this.mark()
    const gone = new Set<string>()
    for (let index = this.events.length - 1; index >= 0; index--) {
      const event = this.events[index]
      if (event?.kind === 'ended') gone.add(`${event.member} ${event.term}`)
      else if (event?.kind === 'kill') gone.add(event.member)
      else if (event?.kind === 'valid' && event.namespace === namespace) {
        return gone.has(event.member) || gone.has(`${event.member} ${event.term}`) ? undefined : event
      }
    }
    return undefined
  }

  /** Nobody is kept waiting: waits that are open never settle. */
  close(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer)
    this.#waiting.clear()
    this.#tail.close()
  }

  #quoted(): string {
    const last = this.events.filter(event => event.kind !== 'lease').slice(-QUOTED)
    return last.map(event => `\n      ${JSON.stringify(event)}`).join('')
  }
}
