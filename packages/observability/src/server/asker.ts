import type { Clock } from '@dromedary/core'
import type { Answers, Question } from './protocol.ts'

/** Shorter than the second that Kubernetes gives a probe by default. */
export const ANSWER_WITHIN_MS = 700

/** `late`: the event loop had no turn for it in time. `failed`: the application's log says why. */
export type Asked<Q extends Question> = { readonly value: Answers[Q] } | 'late' | 'failed'

type Waiting = (answer: { readonly value: unknown } | 'failed') => void

/**
 * Puts questions to the application, on behalf of those who wait for an answer over HTTP. Whoever asks what is being asked
 * already gets that answer: however many ask, and however late it is, the application's event loop has one of each to answer.
 */
export class Asker {
  readonly #send: (question: Question) => void
  readonly #clock: Pick<Clock, 'setTimeout'>
  /** Of each question that has been put and not been answered yet, those who still wait. */
  readonly #asked = new Map<Question, Set<Waiting>>()

  constructor(send: (question: Question) => void, clock: Pick<Clock, 'setTimeout'>) {
    this.#send = send
    this.#clock = clock
  }

  ask<Q extends Question>(question: Q): Promise<Asked<Q>> {
    const known = this.#asked.get(question)
    const waiting = known ?? new Set<Waiting>()
    const asking = new Promise<Asked<Q>>(resolve => {
      const wait: Waiting = answer => {
        timer.cancel()
        resolve(answer as Asked<Q>)
      }
      const timer = this.#clock.setTimeout(() => {
        waiting.delete(wait)
        resolve('late')
      }, ANSWER_WITHIN_MS)
      waiting.add(wait)
    })
    if (known === undefined) {
      this.#asked.set(question, waiting)
      this.#send(question)
    }
    return asking
  }

  /** Also when it comes too late: nobody may wait for it any more, but it can be asked anew. */
  answered(question: Question, answer: { readonly value: unknown } | 'failed'): void {
    const waiting = this.#asked.get(question) ?? []
    this.#asked.delete(question)
    for (const wait of waiting) wait(answer)
  }
}
