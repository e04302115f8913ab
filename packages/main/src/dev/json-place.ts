import { readFileSync } from 'node:fs'
import type { SourcePlace } from '@dromedary/core'

/** `/srv/app/data.json: Unexpected token '}', ..."word": }" is not valid JSON`. */
const HEAD = /^(.+\.json): /
const POSITION = / in JSON at position (\d+)/

/** The place of a mistake in a JSON file that was imported or required. */
export function placeInJson({ name, message }: Error): SourcePlace | undefined {
  const file = name === 'SyntaxError' ? HEAD.exec(message)?.[1] : undefined
  const text = file === undefined ? undefined : read(file)
  if (file === undefined || text === undefined) return undefined
  const before = text.slice(0, positionIn(text)).split('\n')
  return { file, line: before.length, column: (before.at(-1) as string).length + 1 }
}

/** V8 tells it of some mistakes only. The others begin where the first token is that cannot stand there, or are at the end. */
function positionIn(text: string): number {
  const [told] = mistakeIn(text).match(POSITION)?.slice(1) ?? []
  if (told !== undefined) return Number(told)
  let [good, bad] = [0, text.length + 1]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (mistakeIn(text.slice(0, middle)).includes('Unexpected token')) bad = middle
    else good = middle
  }
  return good
}

function mistakeIn(text: string): string {
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
