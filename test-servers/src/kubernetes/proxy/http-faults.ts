/** Which answers are lost. */
export interface LostAnswers {
  /** Of HTTP. Default: any. */
  readonly method?: string
  /** Must be in the path. Default: any path. */
  readonly path?: string
  /** How many of them. Default 1. */
  readonly count?: number
}

/** What is wrong between client and server, as far as it concerns requests and answers. */
export class HttpFaults {
  /** Answers every request. */
  status: number | undefined
  /** Milliseconds before each answer, and before each event of a watch. */
  delay = 0
  /** Milliseconds before each request. */
  delayRequests = 0
  /** How many answers were lost. */
  lost = 0
  #losing: LostAnswers = { count: 0 }
  /** Resolved at the end of a silence; undefined while there is none. */
  #silence: PromiseWithResolvers<void> | undefined

  /** Nothing is wrong any more. */
  clear(): void {
    this.status = undefined
    this.delay = 0
    this.delayRequests = 0
    this.#losing = { count: 0 }
    this.silence(false)
  }

  lose(answers: LostAnswers): void {
    this.#losing = { count: 1, ...answers }
  }

  /** Whether the answer to this request is lost; if so, it is counted. */
  loses(requestMethod: string, requestPath: string): boolean {
    const { method = requestMethod, path = '', count = 0 } = this.#losing
    if (count === 0 || method !== requestMethod || !requestPath.includes(path)) return false
    this.#losing = { ...this.#losing, count: count - 1 }
    this.lost += 1
    return true
  }

  silence(silent: boolean): void {
    if (silent) {
      this.#silence ??= Promise.withResolvers()
      return
    }
    this.#silence?.resolve()
    this.#silence = undefined
  }

  /** Resolves when watches may be heard, which is at once unless they are silent. */
  async heard(): Promise<void> {
    while (this.#silence) await this.#silence.promise
  }
}
