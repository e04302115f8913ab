import type { Observer, Subscription } from 'rxjs'
import { Observable } from 'rxjs/internal/Observable'
import { Subscriber } from 'rxjs/internal/Subscriber'

/** Takes what a listener threw. */
export type Report = (error: unknown) => void

type Listener = Parameters<AbortSignal['addEventListener']>[1]
type AddOptions = Parameters<AbortSignal['addEventListener']>[2]
type RemoveOptions = Parameters<AbortSignal['removeEventListener']>[2]

/**
 * An abort controller whose listeners cannot end the process: Node turns what a listener of an AbortSignal throws into
 * an uncaught exception; here it goes to `report`.
 */
export function guardedAbortController(report: Report): AbortController {
  const controller = new AbortController()
  const signal = controller.signal
  const wrapped = new WeakMap<Listener, (event: Event) => void>()
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (type: string, listener: Listener | null, options?: AddOptions) => {
    if (!listener) return
    let guarded = wrapped.get(listener)
    if (!guarded) {
      guarded = event => {
        try {
          if (typeof listener === 'function') listener.call(signal, event)
          else listener.handleEvent(event)
        } catch (error) {
          report(error)
        }
      }
      wrapped.set(listener, guarded)
    }
    add(type, guarded, options)
  }
  signal.removeEventListener = (type: string, listener: Listener | null, options?: RemoveOptions) => {
    if (listener) remove(type, wrapped.get(listener) ?? listener, options)
  }
  return controller
}

/** Calls and reports instead of throwing. */
export function guarded(report: Report, call: () => void): void {
  try {
    call()
  } catch (error) {
    report(error)
  }
}

/** As its source, but what an observer throws goes to `report`; rxjs alone would turn it into an uncaught exception. */
export class GuardedObservable<T> extends Observable<T> {
  #report: Report

  constructor(source: Observable<T>, report: Report, delivered?: (value: T) => void) {
    super(subscriber =>
      source.subscribe({
        next: value => {
          delivered?.(value)
          subscriber.next(value)
        },
        error: error => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    )
    this.#report = report
  }

  override subscribe(
    observer?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // An operator subscribes with a Subscriber of its own, which must stay what it is.
    if (observer instanceof Subscriber) return super.subscribe(observer)
    const given: Partial<Observer<T>> =
      typeof observer === 'function' || !observer
        ? { ...(observer && { next: observer }), ...(error && { error }), ...(complete && { complete }) }
        : observer
    return super.subscribe({
      next: value => guarded(this.#report, () => given.next?.(value)),
      error: cause => guarded(this.#report, () => given.error?.(cause)),
      complete: () => guarded(this.#report, () => given.complete?.()),
    })
  }
}
