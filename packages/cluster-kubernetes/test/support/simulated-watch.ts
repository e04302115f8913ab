import type { ClockTimer } from '@dromedary/core'
import type { ApiFailure, Watch, WatchListener, WatchSelector } from '../../src/api.ts'
import type { ObjectMeta } from '../../src/objects.ts'
import { unanswered } from './failures.ts'
import type { Line, LineEnd } from './line.ts'
import type { ApiObject, Change, ObjectStore } from './object-store.ts'
import { selects } from './selector.ts'
import type { Asked, OpenWatch, Server } from './server.ts'

const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' }

export interface WatchPlace<T extends ApiObject> {
  readonly server: Server
  readonly line: Line
  readonly end: LineEnd
  readonly store: ObjectStore<T>
  readonly asked: Asked
  readonly selector: WatchSelector
  readonly listener: WatchListener<T>
}

/** One watch, both ends of it: what the server sends, and in which order and when it reaches the member. */
export class WatchStream<T extends ApiObject> implements Watch, OpenWatch {
  readonly member: string
  readonly #place: WatchPlace<T>
  readonly #cleanUp: (() => void)[] = []
  readonly #timeOut: ClockTimer
  /** Sent, and not yet received. */
  readonly #sent: { readonly receive: () => void; readonly isEnd: boolean }[] = []
  #lastDue = 0
  /** Something was not sent: nothing more is, but for a reset. */
  #silent = false
  /** Something was sent and did not get through: nothing more does, but for a reset. */
  #lost = false
  #phase: 'asked' | 'open' | 'ended' | 'closed' = 'asked'

  constructor(place: WatchPlace<T>) {
    const { line, end } = place
    this.#place = place
    this.member = end.member
    const patienceMs = line.closed ? 0 : end.connectionTimeoutMs
    const timeOut = line.closed ? 'ECONNABORTED' : 'ETIMEDOUT'
    this.#timeOut = end.clock.setTimeout(() => this.#closed(unanswered(timeOut)), patienceMs)
    if (line.closed) return
    const refused = () => this.#closed(unanswered('ECONNREFUSED'))
    line.leave(() => this.#arrived(), refused)
  }

  close(): void {
    this.#timeOut.cancel()
    this.#finish('closed')
  }

  /** The server ends it, or goes down. */
  end(how: 'reset' | 'ended'): void {
    if (this.#phase !== 'open') return
    this.#finish('ended')
    if (how === 'ended' && this.#silent) return
    this.#send(() => this.#closed(how === 'reset' ? unanswered('ECONNRESET') : undefined), 0, true)
  }

  #arrived(): void {
    const { server, end, store, asked, listener } = this.#place
    if (this.#phase !== 'asked' || end.faults.cutOff) return
    const { answerDelayMs } = end.faults
    const fail = (failure: ApiFailure) => this.#send(() => this.#closed(failure), answerDelayMs)
    if (end.faults.refuse) return void fail(unanswered('ECONNRESET'))
    let selected: (metadata: ObjectMeta) => boolean
    try {
      server.admit(end, asked)
      selected = selects(this.#place.selector)
    } catch (failure) {
      return void fail(failure as ApiFailure)
    }
    this.#phase = 'open'
    server.watches.add(this)
    this.#cleanUp.push(() => void server.watches.delete(this))
    this.#send(() => {
      this.#timeOut.cancel()
      listener.opened()
    }, answerDelayMs)
    for (const object of store.list()) if (selected(object.metadata)) this.#event('ADDED', object)
    if (server.options.initialBookmark) this.#event('BOOKMARK', this.#bookmark(INITIAL_EVENTS_END))
    this.#cleanUp.push(store.onChange(change => this.#changed(change, selected)))
    this.#every(server.options.bookmarkMs, () => this.#event('BOOKMARK', this.#bookmark()))
    const timer = server.options.clock.setTimeout(() => this.end('ended'), server.options.watchTimeoutMs)
    this.#cleanUp.push(() => timer.cancel())
  }

  /** An object that ceases to be selected is deleted, as far as this watch goes: it tells what it was. */
  #changed({ before, after, resourceVersion }: Change<T>, selected: (metadata: ObjectMeta) => boolean): void {
    const was = before !== undefined && selected(before.metadata)
    if (after && selected(after.metadata)) this.#event(was ? 'MODIFIED' : 'ADDED', after)
    else if (was) {
      this.#event(
        'DELETED',
        Object.freeze({ ...before, metadata: Object.freeze({ ...before.metadata, resourceVersion }) }),
      )
    }
  }

  /** It has no name, and nothing but the version. */
  #bookmark(annotations?: Readonly<Record<string, string>>): T {
    const resourceVersion = String(this.#place.server.revision.value)
    return { metadata: { resourceVersion, ...(annotations && { annotations }) }, spec: {} } as unknown as T
  }

  #event(type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK', object: T): void {
    const { end, listener } = this.#place
    if (end.faults.silentWatches) this.#silent = true
    this.#send(() => listener.event(type, object))
  }

  /** What is sent arrives in order: nothing overtakes, and nothing comes after something that was lost. */
  #send(receive: () => void, delayMs = 0, isEnd = false): void {
    const { server, end } = this.#place
    if (end.faults.cutOff) this.#silent = true
    if (this.#silent && (!isEnd || end.faults.cutOff)) return
    const now = end.clock.monotonic()
    this.#lastDue = Math.max(this.#lastDue, now + server.options.latencyMs / 2 + delayMs)
    this.#sent.push({ receive, isEnd })
    end.clock.setTimeout(() => this.#received(), this.#lastDue - now)
  }

  #received(): void {
    const next = this.#sent.shift()
    if (this.#place.end.faults.cutOff) {
      this.#silent = true
      this.#lost = true
    } else if (next && this.#phase !== 'closed' && (!this.#lost || next.isEnd)) next.receive()
  }

  #closed(failure: ApiFailure | undefined): void {
    if (this.#phase === 'closed') return
    this.close()
    this.#place.listener.closed(failure)
  }

  #every(ms: number, run: () => void): void {
    const { clock } = this.#place.server.options
    let timer = clock.setTimeout(function again() {
      run()
      timer = clock.setTimeout(again, ms)
    }, ms)
    this.#cleanUp.push(() => timer.cancel())
  }

  #finish(phase: 'ended' | 'closed'): void {
    this.#phase = phase
    for (const clean of this.#cleanUp.splice(0)) clean()
  }
}
