/** What people see of a long work: one line at a time. */
export type Report = (line: string) => void

/** Where lines go by default. */
export function toStderr(line: string): void {
  process.stderr.write(`${line}\n`)
}
