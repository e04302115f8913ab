import type { Clock } from '@dromedary/core'
import type { Answers, Question } from './protocol.ts'

/** Shorter than the second that Kubernetes gives a probe by default. */
export const ANSWER_WITHIN_MS = 700

/** `late`: the event loop had no turn for it in time. `failed`: the application's log says why. */
export type Asked<Q extends Question> = { readonly value: Answers[Q] } | 'late' | 'failed'

/**
 * Puts questions to the application, on behalf of those who wait for an answer over HTTP. Whoever asks what is being asked
 * already gets that answer: however many ask, the application's event loop answers one of them at a time.
 */
export class Asker {
  readonly #send: (id: number, question: Question) => void
  readonly #clock: Pick<Clock, 'setTimeout'>
  readonly #waiting = new Map<number, (answer: Asked<never>) => void>()
  readonly #underWay = new Map<Question, Promise<unknown>>()
  #last = 0

  constructor(send: (id: number, question: Question) => void, clock: Pick<Clock, 'setTimeout'>) {
    this.#send = send
    this.#clock = clock
  }

  ask<Q extends Question>(question: Q): Promise<Asked<Q>> {
    const underWay = this.#underWay.get(question) as Promise<Asked<Q>> | undefined
    if (underWay !== undefined) return underWay
    const asking = this.#put(question).finally(() => this.#underWay.delete(question))
    this.#underWay.set(question, asking)
    return asking
  }

  #put<Q extends Question>(question: Q): Promise<Asked<Q>> {
    const id = ++this.#last
    return new Promise(resolve => {
      const settle = (answer: Asked<Q>) => {
        timer.cancel()
        this.#waiting.delete(id)
        resolve(answer)
      }
      const timer = this.#clock.setTimeout(() => settle('late'), ANSWER_WITHIN_MS)
      this.#waiting.set(id, settle as (answer: Asked<never>) => void)
      this.#send(id, question)
    })
  }

  /** An answer that comes too late is nobody's. */
  answered(id: number, answer: { readonly value: unknown } | 'failed'): void {
    this.#waiting.get(id)?.(answer as Asked<never>)
  }
}
