import { writeSync } from 'node:fs'

/** Takes finished lines. */
export interface LineOutput {
  /** Hands the text to the kernel before it returns. Never throws. */
  write(text: string): void
}

type Write = (fd: number, data: Uint8Array) => number

/**
 * How long one line waits for a reader that takes nothing. Below the shortest `stale` of a cluster service: a member
 * that waited longer for its terminal would lose its leadership over a log line.
 */
const PATIENCE_MS = 1_000
const PAUSE_MS = 5

/**
 * Writes to a file descriptor synchronously, so that nothing is lost when the process is killed. A full pipe is
 * waited for, up to a second; what could not be written after that, or because the reader is gone, is counted and
 * said as soon as lines get through again.
 */
export function createLineOutput(fd = 1, write: Write = writeSync, pause: (ms: number) => void = block): LineOutput {
  let lost = 0
  let torn = false
  return {
    write(text) {
      const notice = lost === 0 ? '' : `(${lost} log ${lost === 1 ? 'line' : 'lines'} could not be written)\n`
      const data = Buffer.from(`${torn ? '\n' : ''}${notice}${text}`)
      // Only the first line that does not get through is waited for: a reader that stays away costs one second, not one per line.
      const written = writeFully(fd, data, write, pause, lost === 0 ? PATIENCE_MS : 0)
      if (written === data.length) {
        lost = 0
        torn = false
      } else {
        lost++
        torn ||= written > 0
      }
    },
  }
}

/** How many bytes got through. */
function writeFully(
  fd: number,
  data: Uint8Array,
  write: Write,
  pause: (ms: number) => void,
  patienceMs: number,
): number {
  let written = 0
  let waited = 0
  while (written < data.length) {
    try {
      written += write(fd, data.subarray(written))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || waited >= patienceMs) break
      pause(PAUSE_MS)
      waited += PAUSE_MS
    }
  }
  return written
}

const cell = new Int32Array(new SharedArrayBuffer(4))

/** The one place where the process really stands still: the kernel has said "again", and a later line must not overtake. */
function block(ms: number): void {
  Atomics.wait(cell, 0, 0, ms)
}
