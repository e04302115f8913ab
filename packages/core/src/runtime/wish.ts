/** What was said of a route by hand. Whatever takes the place of the route keeps to it. */
export class Wish {
  #value: 'run' | 'rest' | undefined
  #word: object | undefined

  /** The newest; undefined: nothing. */
  get value(): 'run' | 'rest' | undefined {
    return this.#value
  }

  /** Words count in the order of saying. What is returned takes one back that could not be done, if none was said since. */
  say(value: 'run' | 'rest'): () => void {
    const before = this.#value
    const word = {}
    this.#word = word
    this.#value = value
    return () => {
      if (this.#word === word) this.#value = before
    }
  }
}
