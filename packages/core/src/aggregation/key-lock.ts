import { isThenable } from '../runtime/thenable.ts'

/** Work for one key, one after the other; at once, and without a promise, where none is under way. */
export class KeyLock {
  readonly #underWay = new Map<string, Promise<unknown>>()

  run<T>(key: string, work: () => T | PromiseLike<T>): T | PromiseLike<T> {
    const before = this.#underWay.get(key)
    const result = before === undefined ? work() : before.then(work, work)
    if (!isThenable(result)) return result
    const pending = Promise.resolve(result)
    this.#underWay.set(key, pending)
    const forget = () => {
      if (this.#underWay.get(key) === pending) this.#underWay.delete(key)
    }
    pending.then(forget, forget)
    return pending
  }
}

const locks = new WeakMap<object, KeyLock>()

/** The lock of something that several may work on. */
export function lockOf(shared: object): KeyLock {
  const lock = locks.get(shared) ?? new KeyLock()
  locks.set(shared, lock)
  return lock
}
