import type { Clock } from '../../clock.ts'

/** Lets callers wait until something holds, looking only when they are told that something changed. */
export class Changes {
  readonly #clock: Clock
  readonly #look = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  tell(): void {
    for (const look of [...this.#look]) look()
  }

  /** Resolves as soon as it holds, or when `ms` have passed. `holds` must not throw. */
  until(holds: () => boolean, ms: number): Promise<void> {
    return new Promise(resolve => {
      if (holds()) return resolve()
      const end = () => {
        timer.cancel()
        this.#look.delete(look)
        resolve()
      }
      const look = () => {
        if (holds()) end()
      }
      const timer = this.#clock.setTimeout(end, ms)
      this.#look.add(look)
    })
  }
}
