import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readOwn } from '../src/assemble.ts'
import { readCluster } from '../src/cluster/choose.ts'
import { LiveSettings } from '../src/dev/live.ts'
import { changedKeys, restartsFor } from '../src/dev/restart.ts'
import { configured, type Written } from './support.ts'

const backends = {
  file: async () => ({
    schema: z.object({ root: z.string().default('target'), stale: z.string().default('5s') }),
    create: () => expect.unreachable('nothing is made of what is only read'),
    describe: () => '',
  }),
}

/** As an application would read it. */
async function read(written: Written) {
  const configuration = await configured(written)
  readOwn(configuration)
  await readCluster(configuration, backends)
  return configuration
}

const keys = async (before: Written, after: Written) =>
  changedKeys(await read(before), await read(after)).map(({ key }) => key)

describe('the keys that have another value', () => {
  it('are those of the two files, in any form', async () => {
    const before = { yaml: 'cluster:\n  file:\n    root: a\n    stale: 5s\nmine: 1\ngone: 1' }
    const after = { yaml: 'camel.cluster.file.root: b\ncluster.file.stale: 5s\nmine: 1\nnew.one: x' }
    expect(await keys(before, after)).toEqual(['cluster.file.root', 'gone', 'new.one'])
  })

  it('are not those that were left out, or written, with their default', async () => {
    expect(
      await keys({ yaml: 'shutdown.timeout: 45s' }, { yaml: 'shutdown.timeout: 45s\ncluster.file.stale: 5s' }),
    ).toEqual([])
  })

  it('are not those that the command line or the environment decides', async () => {
    const given = { set: ['mine=3'], environment: { CLUSTER_FILE_ROOT: 'env' } }
    const [before, after] = ['mine: 1\ncluster.file.root: a', 'mine: 2\ncluster.file.root: b']
    expect(await keys({ yaml: before, ...given }, { yaml: after, ...given })).toEqual([])
    expect(await keys({ yaml: before }, { yaml: after })).toEqual(['mine', 'cluster.file.root'])
  })
})

it.each([
  ['cluster.file.root', true],
  ['shutdown.timeout', true],
  ['node.id', true],
  ['observe.port', true],
  ['node.namespace', false],
  ['log.level', false],
  ['log.level.clustered', false],
  ['feed.source', false],
])('%s needs a restart: %s', (key, expected) => {
  expect(restartsFor(key)).toBe(expected)
})

describe('a running application', () => {
  it('sees new values of placeholders, but none of what needs a restart, whatever its form', async () => {
    const live = new LiveSettings()
    const started = await read({ yaml: 'node.id: one\nnode.namespace: a\nmine: 1\ncluster.file.root: old' })
    const seen = live.properties(started)
    const newer = await read({ yaml: 'node.id: two\nnode.namespace: b\nmine: 2\ncluster.file.root: new' })
    const takeBack = live.setProperties(live.sourceOf(newer))
    expect(['node.id', 'node.namespace', 'mine', 'camel.cluster.file.root'].map(key => seen.property(key))).toEqual([
      'one',
      'b',
      '2',
      'old',
    ])
    takeBack()
    expect(seen.property('mine')).toBe('1')
  })

  it('keeps the id that was made for it', async () => {
    const live = new LiveSettings()
    const started = await read({})
    const seen = live.properties(started)
    live.setProperties(live.sourceOf(await read({})))
    expect(seen.property('node.id')).toBe(started.property('node.id'))
  })
})
