/** Doubles from `min` to `max` with each attempt (from 1 on), less up to a fifth, so that many do not come back at once. */
export function backOff(attempt: number, min: number, max: number, random: () => number): number {
  const delay = Math.min(max, min * 2 ** Math.min(attempt - 1, 30))
  return Math.round(delay * (1 - 0.2 * random()))
}
