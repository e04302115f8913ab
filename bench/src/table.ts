/** Lines with columns of one width each: the first one on the left, numbers on the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map(row => row.length))
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map(row => (row[at] ?? '').length)))
  return rows.map(row =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** A rate: one decimal below a hundred, none above. */
export const number = (value: number): string =>
  value < 100 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value).toLocaleString('en-US')

export const times = (value: number): string => `${value.toFixed(1)}×`
