/** Anything with a `then` method: what makes a step asynchronous. Other values that a step returns are ignored. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const may = typeof value === 'object' ? value !== null : typeof value === 'function'
  return may && typeof (value as { then?: unknown }).then === 'function'
}

/** Goes on with the value at once, or where it is a promise when it has settled; a rejection passes by. */
export function andThen<V, T>(value: V, next: (value: Awaited<V>) => T | Promise<T>): T | Promise<T> {
  return isThenable(value) ? Promise.resolve(value as Awaited<V>).then(next) : next(value as Awaited<V>)
}

/** Hands a value on at once, or where it is a promise when it has settled; a rejection passes by. */
export function chain<T, R>(value: T | PromiseLike<T>, next: (value: T) => R | PromiseLike<R>): R | PromiseLike<R> {
  return isThenable(value) ? Promise.resolve(value as PromiseLike<T>).then(next) : next(value as T)
}

/** What is done, or what comes of its failure, whether it throws or rejects. */
export function attempt<T, R>(
  work: () => T | PromiseLike<T>,
  failed: (error: unknown) => R | PromiseLike<R>,
): T | R | PromiseLike<T | R> {
  try {
    const result = work()
    return isThenable(result) ? Promise.resolve(result as PromiseLike<T>).catch(failed) : (result as T)
  } catch (error) {
    return failed(error)
  }
}
