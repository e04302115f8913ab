import type { ApiFailure, Watch, WatchListener } from '../../src/api.ts'
import type { ApiObject } from './object-store.ts'

/** A watch, and what it told. */
export interface RecordedWatch<T> {
  readonly watch: Watch
  /** `opened`, `ADDED a`, `BOOKMARK`, `closed`, `closed ECONNRESET`, `closed 403`. */
  readonly lines: string[]
  readonly objects: T[]
}

export function recorded<T extends ApiObject>(open: (listener: WatchListener<T>) => Watch): RecordedWatch<T> {
  const lines: string[] = []
  const objects: T[] = []
  const watch = open({
    opened: () => void lines.push('opened'),
    event(type, object) {
      lines.push([type, object.metadata.name].filter(Boolean).join(' '))
      objects.push(object)
    },
    closed: failure => void lines.push(['closed', failure && short(failure)].filter(Boolean).join(' ')),
  })
  return { watch, lines, objects }
}

/** A promise under way; `failure` is the status or the reason of the ApiFailure. */
export interface Outcome<T> {
  state: 'pending' | 'resolved' | 'rejected'
  value?: T
  failure?: string
}

export function outcome<T>(promise: Promise<T>): Outcome<T> {
  const outcome: Outcome<T> = { state: 'pending' }
  promise.then(
    value => Object.assign(outcome, { state: 'resolved', value }),
    failure => Object.assign(outcome, { state: 'rejected', failure: short(failure) }),
  )
  return outcome
}

function short({ status, reason }: ApiFailure): string {
  return [status, reason].filter(Boolean).join(' ')
}
