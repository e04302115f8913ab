import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What a file or folder takes on the disk, in blocks that are really used, in megabytes of 10⁶ bytes; as `du` counts. */
export function sizeOnDisk(path: string): number {
  const { blocks } = lstatSync(path)
  const own = (blocks * 512) / 1e6
  if (!lstatSync(path).isDirectory()) return own
  return readdirSync(path).reduce((sum, name) => sum + sizeOnDisk(join(path, name)), own)
}
