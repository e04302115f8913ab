import { relative } from 'node:path'
import { run } from '../run.ts'
import type { Workshop } from './programs.ts'

/** What the compiler says of the blocks, all in one program, with the places of the Markdown files. */
export async function doesNotCompile({ folder, programs }: Workshop): Promise<string[]> {
  if (programs.length === 0) return []
  const { code, output } = await run('tsc', ['-p', folder, '--pretty', 'false'], { cwd: folder })
  if (code === 0) return []
  const places = new Map(programs.map(({ file, block }) => [relative(folder, file).replaceAll('\\', '/'), block.file]))
  // file(12,3): error …
  return output
    .trim()
    .split(/\n(?=\S)/)
    .map(line => line.replace(/^(\S+?)\((\d+),\d+\)/, (_, file, at) => `${places.get(file) ?? file}:${at}`))
}
