import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Properties } from '../src/configuration/properties.ts'
import type { Section } from '../src/configuration/section.ts'
import { nodeSection, shutdownSection } from '../src/configuration/sections.ts'
import { configured } from './support.ts'

const file = {
  prefix: 'cluster.file',
  schema: z.object({
    root: z.string().default('target/cluster'),
    acquireLockDelay: z.string().default('1s'),
  }),
} satisfies Section

const yaml = 'cluster:\n  file:\n    acquire-lock-delay: 2s\n'
const environment = { CLUSTER_FILE_ACQUIRE_LOCK_DELAY: '3s' }

describe('a known key', () => {
  const delay = async (written: Parameters<typeof configured>[0]) =>
    (await configured(written)).read(file).acquireLockDelay

  it('has its default, then the file, then the environment, then --set, the last of them', async () => {
    expect(await delay({})).toBe('1s')
    expect(await delay({ yaml })).toBe('2s')
    expect(await delay({ yaml, environment })).toBe('3s')
    expect(await delay({ yaml, environment, set: ['cluster.file.acquire-lock-delay=4s'] })).toBe('4s')
    expect(await delay({ set: ['cluster.file.acquire-lock-delay=4s', 'cluster.file.acquireLockDelay=5s'] })).toBe('5s')
  })

  it.each([
    'cluster: { file: { acquireLockDelay: 7s } }',
    'cluster.file.acquireLockDelay: 7s',
    'cluster.file:\n  acquire-lock-delay: 7s',
    'camel.cluster.file.acquire-lock-delay: 7s',
    'quarkus.camel.cluster.file.acquire-lock-delay: 7s',
  ])('may be written %j', async text => {
    expect(await delay({ yaml: text })).toBe('7s')
  })

  it('is not set by an empty variable', async () => {
    expect(await delay({ yaml, environment: { CLUSTER_FILE_ACQUIRE_LOCK_DELAY: '' } })).toBe('2s')
  })

  it('may refer to others', async () => {
    const configuration = await configured({
      yaml: 'cluster.file.root: "{{base}}/{{node.id}}"\nbase: /srv',
      environment: { NODE_ID: 'n1' },
    })
    configuration.read(nodeSection)
    expect(configuration.read(file).root).toBe('/srv/n1')
  })

  it('that refers to what is not there is an error that says where', async () => {
    const configuration = await configured({ yaml: 'cluster.file.root: "{{bse}}"\nbase: /srv' })
    expect(() => configuration.read(file)).toThrow(
      expect.objectContaining({
        code: 'DROMEDARY_UNKNOWN_PLACEHOLDER',
        message: expect.stringMatching(/\{\{bse\}\}.*cluster\.file\.root.*application\.yaml:1.*did you mean base\?/),
      }),
    )
  })

  it('has a checked value: a duration here', async () => {
    expect((await configured({})).read(shutdownSection).timeout).toBe(45_000)
    expect((await configured({ yaml: 'shutdown.timeout: 1m30s' })).read(shutdownSection).timeout).toBe(90_000)
  })
})

describe('a node without an id', () => {
  it('gets a fresh one each time, and placeholders see the same', async () => {
    const [one, two] = [await configured({}), await configured({})]
    const id = one.read(nodeSection).id
    expect(id).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/)
    expect(one.property('node.id')).toBe(id)
    expect(two.read(nodeSection).id).not.toBe(id)
  })
})

describe("the user's own properties", () => {
  it('are the text as it was written; lists are numbered; --set wins; the environment has no say', async () => {
    const configuration = await configured({
      yaml: 'version: 1.10\non: no\nempty:\nquoted: "a b"\nhosts: [a, { name: b }]\nbase: &b { x: 1 }\ncopy: *b\nexample.routes: string',
      environment: { VERSION: '2', EXAMPLE_ROUTES: 'other' },
      set: ['quoted=c=d'],
    })
    const of = (key: string) => configuration.property(key)
    expect([of('version'), of('on'), of('empty'), of('quoted')]).toEqual(['1.10', 'no', '', 'c=d'])
    expect([of('hosts[0]'), of('hosts[1].name'), of('copy.x'), of('nothing')]).toEqual(['a', 'b', '1', undefined])
    expect(of('example.routes')).toBe('string')
  })

  it('may hold placeholders, also where the application reads them itself', async () => {
    const properties = new Properties(await configured({ set: ['a=two', 'b={{a}}-{{none:three}}', 'c={{nothing}}'] }))
    expect(properties.get('b')).toBe('two-three')
    expect(() => properties.get('c')).toThrow(expect.objectContaining({ code: 'DROMEDARY_UNKNOWN_PLACEHOLDER' }))
  })

  it('can be one of a few words, the first by default', async () => {
    const properties = new Properties(await configured({ set: ['a=two', 'b=tow'] }))
    expect(properties.oneOf('none', ['one', 'two'])).toBe('one')
    expect(properties.oneOf('a', ['one', 'two'])).toBe('two')
    expect(() => properties.oneOf('b', ['one', 'two'])).toThrow(
      expect.objectContaining({
        code: 'DROMEDARY_CONFIG',
        message: 'b="tow": must be one of one, two; did you mean two?',
      }),
    )
  })
})
