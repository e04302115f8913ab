/** What was said of a route by hand. Whatever takes the place of the route keeps to it. */
export class Wish {
  #value: 'run' | 'rest' | undefined
  #word: object | undefined

  /** Another one each time that something is said. */
  get word(): object | undefined {
    return this.#word
  }

  /** The newest; undefined: nothing. */
  get value(): 'run' | 'rest' | undefined {
    return this.#value
  }

  /** Words count in the order of saying. What is returned takes one back that could not be done, if none was said since. */
  say(value: 'run' | 'rest'): () => void {
    const [before, wordBefore] = [this.#value, this.#word]
    const word = {}
    this.#word = word
    this.#value = value
    return () => {
      if (this.#word !== word) return
      this.#value = before
      this.#word = wordBefore
    }
  }
}
