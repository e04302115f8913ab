/**
 * The first line of a block of `output` that was not printed; undefined when all were, in this order. `…` stands for
 * any text, and so does the beginning of a printed line: the time of a log line is left out.
 */
export function missingFrom(printed: string, output: string): string | undefined {
  const lines = printed.split('\n')
  let at = 0
  for (const expected of output.split('\n').filter(line => line.trim() !== '')) {
    const parts = expected
      .trim()
      .split('…')
      .map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    const pattern = new RegExp(`${parts.join('.*')}$`)
    const found = lines.findIndex((line, i) => i >= at && pattern.test(line.trimEnd()))
    if (found < 0) return expected
    at = found + 1
  }
  return undefined
}
