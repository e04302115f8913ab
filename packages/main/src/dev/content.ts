import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The content of a file that is not there. */
export const ABSENT = 'absent'
/** The content of a file with nothing in it: what is there between the two steps of truncate and write. */
export const EMPTY = 'empty'

/** Stands for the content of a file: equal for equal bytes. */
export function contentOf(bytes: string | Uint8Array | undefined): string {
  if (bytes === undefined) return ABSENT
  return bytes.length === 0 ? EMPTY : createHash('sha1').update(bytes).digest('base64')
}

/** The bytes of a file by its URL; undefined when it cannot be read. */
export function readBytes(url: string): Uint8Array | undefined {
  try {
    return readFileSync(fileURLToPath(url))
  } catch {
    return undefined
  }
}
