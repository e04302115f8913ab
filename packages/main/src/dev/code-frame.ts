import { readFileSync } from 'node:fs'
import { isSensitive, maskSecrets, type SourcePlace } from '@dromedary/core'

/** The lines around a place, with a mark under it. Empty when the file is gone. */
export function frameOf({ file, line, column }: Pick<SourcePlace, 'file' | 'line' | 'column'>): string[] {
  const lines = linesOf(file)
  const from = Math.max(1, line - 2)
  const width = String(line + 1).length
  return lines.slice(from - 1, line + 1).flatMap((text, index) => {
    const number = from + index
    const row = `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${maskCode(text)}`
    // Tabs stay tabs, so that the mark stands under its place.
    const before = maskCode(text.slice(0, column - 1)).replaceAll(/[^\t]/g, ' ')
    return number === line ? [row, `  ${' '.repeat(width)} | ${before}^`] : [row]
  })
}

/** `password: '…'`, `"api-key" = "…"`; the end may be what is missing. */
const VALUE = /(([\w.-]+)["'`]?\s*[:=]\s*)(["'`])[^"'`]+(["'`]|$)/g

/** A piece of code without its secrets: those in URIs, and what is given to a sensitive name. */
export function maskCode(text: string): string {
  const code = text.replaceAll(VALUE, (all, before: string, key: string, quote: string, end: string) =>
    isSensitive(key) ? `${before}${quote}xxxxxx${end}` : all,
  )
  return maskSecrets(code)
}

export function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)
  } catch {
    return []
  }
}
