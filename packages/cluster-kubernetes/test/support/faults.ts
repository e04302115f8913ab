/** What the setters of {@link Faults} do to watches that are open. */
export type BreakWatches = (how: 'reset' | 'ended') => void

/**
 * What goes wrong between members and the server; change the fields at any time. One for everybody, and one per member.
 * Times are milliseconds.
 */
export class Faults {
  /** Added to each request on its way there. Default 0. */
  delayMs = 0
  /** Added to each answer on its way back; events of a watch come behind its `opened`. Default 0. */
  answerDelayMs = 0
  /** So many of the next writes are done, and their answers get lost: ECONNRESET. Default 0. */
  loseWriteAnswers = 0
  /**
   * Nothing gets through, in either direction: requests time out, watches are silent and look open. A watch that missed
   * anything stays silent for good, also when the line is whole again: a stream has no gaps. Default false.
   */
  cutOff = false
  /** Watches are silent and look open, requests work. A watch that missed anything stays silent for good. Default false. */
  silentWatches = false
  readonly #break: BreakWatches
  #refuse = false
  #status: number | undefined

  constructor(breakWatches: BreakWatches) {
    this.#break = breakWatches
  }

  /** Connections are refused (ECONNREFUSED), and those that there are break at once (ECONNRESET). Default false. */
  get refuse(): boolean {
    return this.#refuse
  }

  set refuse(refuse: boolean) {
    this.#refuse = refuse
    if (refuse) this.#break('reset')
  }

  /** Each request is answered with this status, and the server ends the watches that there are. Default undefined. */
  get status(): number | undefined {
    return this.#status
  }

  set status(status: number | undefined) {
    this.#status = status
    if (status !== undefined) this.#break('ended')
  }

  /** Everything back to its default. What broke stays broken. */
  heal(): void {
    this.delayMs = 0
    this.answerDelayMs = 0
    this.loseWriteAnswers = 0
    this.cutOff = false
    this.silentWatches = false
    this.#refuse = false
    this.#status = undefined
  }
}

/** The faults of everybody and of one member, together. */
export class JointFaults {
  readonly #all: Faults
  readonly #own: Faults

  constructor(all: Faults, own: Faults) {
    this.#all = all
    this.#own = own
  }

  get delayMs(): number {
    return this.#all.delayMs + this.#own.delayMs
  }

  get answerDelayMs(): number {
    return this.#all.answerDelayMs + this.#own.answerDelayMs
  }

  get cutOff(): boolean {
    return this.#all.cutOff || this.#own.cutOff
  }

  get silentWatches(): boolean {
    return this.#all.silentWatches || this.#own.silentWatches
  }

  get refuse(): boolean {
    return this.#all.refuse || this.#own.refuse
  }

  get status(): number | undefined {
    return this.#own.status ?? this.#all.status
  }

  /** Whether the answer to the write at hand gets lost; counts it. */
  losesAnswer(): boolean {
    const faults = this.#own.loseWriteAnswers > 0 ? this.#own : this.#all
    if (faults.loseWriteAnswers === 0) return false
    faults.loseWriteAnswers--
    return true
  }
}
