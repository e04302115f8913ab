import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Environment } from './cache.ts'

/** Whether there is a program of that name. */
export function onPath(program: string, env: Environment): boolean {
  const folders = env['PATH']?.split(delimiter) ?? []
  return folders.some(folder => isExecutable(join(folder, program)))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
