/** Bytes of a line of the feed, without its end. */
export const LINE_BYTES = 200

const PAD = 'x'.repeat(LINE_BYTES)

/** Line n of the feed: JSON of {@link LINE_BYTES} characters of ASCII. */
export function lineOf(n: number): string {
  const start = `{"id":${n},"status":"new","value":${n % 1_000},"pad":"`
  return `${start}${PAD.slice(0, LINE_BYTES - 2 - start.length)}"}`
}
