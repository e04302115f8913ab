/** Anything with a `then` method: what makes a step asynchronous. Other values that a step returns are ignored. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const may = typeof value === 'object' ? value !== null : typeof value === 'function'
  return may && typeof (value as { then?: unknown }).then === 'function'
}
