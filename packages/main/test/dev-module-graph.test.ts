import { describe, expect, it } from 'vitest'
import { ModuleGraph } from '../src/dev/module-graph.ts'

const url = (name: string) => `file:///app/${name}.ts`

/** Links as Node would: each importer by the version that is current. */
function graphOf(imports: Record<string, string[]>): ModuleGraph {
  const graph = new ModuleGraph(url('main'))
  link(graph, imports)
  return graph
}

function link(graph: ModuleGraph, imports: Record<string, string[]>): void {
  for (const [from, to] of Object.entries(imports)) {
    for (const child of to) graph.link(ModuleGraph.parse(graph.versioned(url(from))), url(child))
  }
}

const CHAIN = { main: ['application'], application: ['routes', 'other'], routes: ['helper'] }

describe('a version of a module', () => {
  it('is a URL of its own; the first is the plain one', () => {
    const graph = graphOf(CHAIN)
    expect(graph.versioned(url('routes'))).toBe('file:///app/routes.ts')
    graph.renew([url('routes')])
    expect(graph.versioned(url('routes'))).toBe('file:///app/routes.ts?dromedary=1')
    expect(ModuleGraph.parse('file:///app/routes.ts?dromedary=1')).toEqual({ url: url('routes'), version: 1 })
  })

  it('leaves a query alone that was there before', () => {
    const graph = graphOf({ main: [] })
    graph.link({ url: url('main'), version: 0 }, 'file:///app/a.ts?raw')
    graph.renew(['file:///app/a.ts?raw'])
    const versioned = graph.versioned('file:///app/a.ts?raw')
    expect(versioned).toBe('file:///app/a.ts?raw&dromedary=1')
    expect(ModuleGraph.parse(versioned)).toEqual({ url: 'file:///app/a.ts?raw', version: 1 })
  })
})

describe('a change', () => {
  it('renews the module and all that import it, however far away, and nothing else', () => {
    const graph = graphOf(CHAIN)
    expect([...graph.renew([url('helper')])].sort()).toEqual(['application', 'helper', 'main', 'routes'].map(url))
    expect(graph.versioned(url('other'))).toBe(url('other'))
  })

  it('ends where modules import each other', () => {
    const graph = graphOf({ main: ['a'], a: ['b'], b: ['a'] })
    expect(graph.renew([url('b')]).size).toBe(3)
  })

  it('of a file that nobody imports renews nothing', () => {
    expect(graphOf(CHAIN).renew([url('stranger')]).size).toBe(0)
  })
})

describe('a version that could not be loaded', () => {
  it('does not hide who imports whom: its imports were not read', () => {
    const graph = graphOf(CHAIN)
    // A syntax error: nothing of the new versions is linked.
    graph.renew([url('routes')])
    expect(graph.renew([url('helper')]).has(url('routes'))).toBe(true)
    expect(graph.renew([url('helper')]).has(url('main'))).toBe(true)
  })

  it('requires what the version before it required: Node does not say so while that is kept', () => {
    const graph = graphOf({ main: ['a'] })
    graph.link({ url: url('a'), version: 0 }, url('required'), true)
    graph.link({ url: url('a'), version: 0 }, url('imported'))
    for (let reload = 0; reload < 3; reload++) {
      graph.renew([url('a')])
      link(graph, { main: ['a'] })
      graph.commit()
    }
    expect(graph.urls).toContain(url('required'))
    expect(graph.urls).not.toContain(url('imported'))
    expect(graph.renew([url('required')])).toEqual(new Set([url('required'), url('a'), url('main')]))
  })

  it('is the current one when it was loaded by its path', () => {
    const graph = graphOf(CHAIN)
    graph.renew([url('helper')])
    expect(graph.versionOf(url('helper'), true)).toEqual({ url: url('helper'), version: 1 })
    expect(graph.versionOf(url('helper'))).toEqual({ url: url('helper'), version: 0 })
    graph.isByPath(url('helper'))
    expect(graph.versionOf(url('helper'))).toEqual({ url: url('helper'), version: 1 })
  })

  it('is replaced by the next one, and so is what is no longer known; of other modules nothing is', () => {
    const graph = graphOf(CHAIN)
    graph.renew([url('helper')])
    expect(graph.isReplaced(graph.versioned(url('helper')))).toBe(false)
    graph.renew([url('helper')])
    expect(graph.isReplaced(`${url('helper')}?dromedary=1`)).toBe(true)
    expect(graph.isReplaced(`${url('stranger')}?dromedary=1`)).toBe(true)
    expect([url('stranger'), 'node:fs'].filter(one => graph.isReplaced(one))).toEqual([])
  })

  it('is replaced by its plain URL when that was loaded for another one', () => {
    const graph = graphOf({ main: ['helper'] })
    const isReplaced = () => graph.isReplaced(url('helper'))
    graph.loaded(graph.versionOf(url('helper'), true), 'one', true)
    expect(isReplaced()).toBe(false)
    graph.renew([url('main')])
    expect(isReplaced()).toBe(false)
    graph.renew([url('helper')])
    expect(isReplaced()).toBe(true)
    graph.loaded(graph.versionOf(url('helper'), true), 'two', true)
    expect(isReplaced()).toBe(false)
  })

  it('is plain when it is required as an ES module, not when it is the entry, CommonJS, or imported', () => {
    const graph = graphOf({ main: ['common', 'module'] })
    graph.isByPath(url('common'))
    const urls = ['main', 'common', 'module', 'stranger'].map(url)
    expect(urls.filter(one => graph.isPlain(one))).toEqual([url('module')])
    graph.renew([url('module')])
    expect(graph.isPlain(graph.versioned(url('module')))).toBe(false)
  })

  it('is never loaded again under its URL', () => {
    const graph = graphOf(CHAIN)
    const seen = new Set<string>()
    for (let attempt = 0; attempt < 5; attempt++) {
      graph.renew([url('routes')])
      seen.add(graph.versioned(url('routes')))
    }
    expect(seen.size).toBe(5)
  })
})

describe('once the current versions run', () => {
  it('what nobody imports any more is forgotten, and is new when it comes back', () => {
    const graph = graphOf(CHAIN)
    graph.loaded({ url: url('helper'), version: 0 }, 'one')
    graph.renew([url('routes')])
    link(graph, { main: ['application'], application: ['routes', 'other'] })
    graph.commit()
    expect(graph.urls).not.toContain(url('helper'))
    graph.renew([url('routes')])
    link(graph, { routes: ['helper'] })
    // Node still has what helper.ts was.
    expect(graph.versioned(url('helper'))).not.toBe(url('helper'))
    expect(graph.contentOf(url('helper'))).toBeUndefined()
  })

  it('a late import of a version that was replaced is of no interest', () => {
    const graph = graphOf(CHAIN)
    graph.renew([url('routes')])
    link(graph, { ...CHAIN })
    graph.commit()
    graph.link({ url: url('routes'), version: 0 }, url('late'))
    expect(graph.urls).not.toContain(url('late'))
  })

  it('nothing is kept of what was tried before', () => {
    const graph = graphOf(CHAIN)
    for (let reload = 0; reload < 100; reload++) {
      graph.renew([url('routes')])
      link(graph, CHAIN)
      graph.commit()
    }
    graph.loaded({ url: url('routes'), version: 1 }, 'old')
    expect(graph.contentOf(url('routes'))).toBeUndefined()
    expect(graph.urls).toHaveLength(5)
  })
})
