import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'

/** How many bytes a file has; 0 where there is none. */
export const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** The whole lines that a growing file has from a byte on; none where there is no file. */
export function linesFrom(file: string, from = 0): string[] {
  if (sizeOf(file) <= from) return []
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(fstatSync(descriptor).size - from)
    const length = readSync(descriptor, bytes, 0, bytes.length, from)
    const text = bytes.toString('utf8', 0, length)
    // What follows the last line break is still being written.
    return text.split('\n').slice(0, -1)
  } finally {
    closeSync(descriptor)
  }
}
