import { readFileSync } from 'node:fs'
import { messageOf } from '@dromedary/core'
import type { Node, YAMLMap } from 'yaml'
import { configError, type Entry } from './entry.ts'

/** Deeper than any file that people write; what ends an alias that contains itself. */
const MAX_DEPTH = 50

/**
 * Reads a YAML file into flat entries: maps are joined by dots (`cluster: { file: … }` and `cluster.file: …` are the
 * same), lists are numbered (`hosts[0]`), and every value is the text as it was written (`1.10` stays `1.10`).
 * A file that cannot be read or parsed, or whose top is no map, is `DROMEDARY_CONFIG` with the place; one with nothing but
 * comments in it is fine.
 */
export async function readConfigurationFile(file: string): Promise<Entry[]> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw configError(`The configuration file cannot be read: ${messageOf(error)}`, file, error)
  }
  const { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false })
  const at = (offset: number | undefined) => `${file}:${lines.linePos(offset ?? 0).line}`
  const problem = document.errors[0]
  if (problem !== undefined)
    throw configError(`The configuration file is not YAML: ${messageOf(problem)}`, at(problem.pos[0]))

  const top = document.contents as Node | null
  const isEmpty = top === null || (isScalar(top) && top.type === 'PLAIN' && top.value === '')
  if (isEmpty) return []
  if (!isMap(top)) {
    const not = isSeq(top) ? ', not a list' : ''
    throw configError(`The configuration file must hold keys and values${not}`, at(top.range?.[0]))
  }
  const entries: Entry[] = []
  const flatten = (node: Node | null, path: string, where: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw configError(`${path.slice(0, 40)}… is nested too deep`, where)
    if (isAlias(node)) flatten(node.resolve(document) ?? null, path, where, depth + 1)
    else if (isMap(node)) {
      for (const pair of (node as YAMLMap<Node, Node | null>).items) {
        const place = at(pair.key.range?.[0])
        const before = path === '' ? '' : `${path}.`
        if (!isScalar(pair.key)) throw configError('A key must be a plain text', place)
        const key = `${before}${pair.key.value}`
        if (key === '') throw configError('A key must not be empty', place)
        flatten(pair.value, key, place, depth + 1)
      }
    } else if (isSeq<Node | null>(node)) {
      for (const [i, item] of node.items.entries()) flatten(item, `${path}[${i}]`, where, depth + 1)
    } else entries.push({ key: path, value: isScalar(node) ? String(node.value ?? '') : '', where })
  }
  flatten(top, '', at(0), 0)
  return entries
}
