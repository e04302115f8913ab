import { describe, expect, it } from 'vitest'
import { workspacePackages } from '../scripts/workspace.ts'
import { importsOf, sources } from './support/imports.ts'

describe.each(workspacePackages())('$manifest.name', ({ folder }) => {
  it('has no cycle of value imports', () => {
    const graph = new Map<string, string[]>()
    for (const file of sources(`${folder}/src`)) {
      const targets = importsOf(file).filter(({ typeOnly, target }) => !typeOnly && target !== undefined)
      graph.set(
        file,
        targets.map(({ target }) => target ?? ''),
      )
    }
    expect(cycleIn(graph)).toBeUndefined()
  })
})

it('finds a cycle where there is one', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['d', 'b']],
    ['d', []],
  ])
  expect(cycleIn(graph)).toBe('b → c → b')
})

/** The first cycle found, as a path; undefined where there is none. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string | undefined => {
    if (done.has(file)) return undefined
    const at = path.indexOf(file)
    if (at >= 0) return [...path.slice(at), file].join(' → ')
    path.push(file)
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target)
      if (cycle !== undefined) return cycle
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = visit(file)
    if (cycle !== undefined) return cycle
  }
  return undefined
}
