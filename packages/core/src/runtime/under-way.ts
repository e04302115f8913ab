import type { Exchange } from '../exchange/exchange.ts'

/** The place of an exchange among those that are under way. */
export class Place {
  readonly exchange: Exchange
  before: Place | undefined = undefined
  after: Place | undefined

  constructor(exchange: Exchange, after: Place | undefined) {
    this.exchange = exchange
    this.after = after
  }
}

/**
 * Exchanges that have gone asynchronous, in the order of their coming when asked. Places that let go of each other, not a
 * `Set`: that moves to another table as it is used, and the one it leaves may keep what is in it alive (decision 16).
 */
export class UnderWay {
  #newest: Place | undefined

  add(exchange: Exchange): Place {
    const place = new Place(exchange, this.#newest)
    if (this.#newest !== undefined) this.#newest.before = place
    this.#newest = place
    return place
  }

  /** Nothing for a place that has left already. */
  remove(place: Place): void {
    const { before, after } = place
    if (before !== undefined) before.after = after
    else if (this.#newest === place) this.#newest = after
    if (after !== undefined) after.before = before
    place.before = undefined
    place.after = undefined
  }

  get exchanges(): Exchange[] {
    const found: Exchange[] = []
    for (let place = this.#newest; place !== undefined; place = place.after) found.push(place.exchange)
    return found.reverse()
  }
}
