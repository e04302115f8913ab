import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { text } from '@dromedary/core/component'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadConfiguration } from '../src/configuration/load.ts'
import type { Section } from '../src/configuration/section.ts'
import { clusterSection, logSection, nodeSection } from '../src/configuration/sections.ts'
import { configured, temporaryFolder, type Written } from './support.ts'

const backend = {
  prefix: 'cluster.test',
  schema: z.object({
    root: z.string().default('x'),
    members: z.coerce.number().min(2).max(5).default(2),
    apiToken: z.string().max(3).optional(),
  }),
} satisfies Section

/** Reads everything, as an application would; returns the message of what it throws. */
async function problem(written: Written): Promise<string> {
  try {
    const configuration = await configured(written)
    const sections: Section[] = [nodeSection, logSection, clusterSection(['test', 'other']), backend]
    for (const section of sections) configuration.read(section)
    configuration.refuseUnknown(['node', 'log', 'cluster'], ['log.level.', 'cluster.other.'])
  } catch (error) {
    expect(error).toMatchObject({ name: 'DromedaryError', code: 'DROMEDARY_CONFIG' })
    const { message } = error as Error
    expect(message).not.toContain('\n')
    return message
  }
  return 'nothing'
}

describe('an unknown key', () => {
  it.each([
    [
      { yaml: 'cluster:\n  test:\n    rot: x' },
      /^Unknown key cluster\.test\.rot; did you mean cluster\.test\.root\? \(.*application\.yaml:3\)$/,
    ],
    [
      { yaml: 'cluster:\n  tset: { root: x }' },
      /^Unknown key cluster\.tset\.root; did you mean cluster\.test\.root\? \(.*application\.yaml:2\)$/,
    ],
    [{ set: ['node.ide=x'] }, /^Unknown key node\.ide; did you mean node\.id\? \(--set\)$/],
    [{ set: ['log.fromat=json'] }, /^Unknown key log\.fromat; did you mean log\.format\? \(--set\)$/],
    [{ set: ['cluster=file'] }, /^Unknown key cluster; there are cluster\.service, .*cluster\.test\.root/],
    [
      { set: ['quarkus.camel.cluster.test.rot=x'] },
      /^Unknown key quarkus\.camel\.cluster\.test\.rot; did you mean cluster\.test\.root\?/,
    ],
  ] satisfies [Written, RegExp][])('%j is named with its place and the near one', async (written, message) => {
    expect(await problem(written)).toMatch(message)
  })

  it("is nobody else's business in the environment, below another root, or below a backend that was not chosen", async () => {
    const environment = {
      CLUSTER_SERVICE_HOST: '10.0.0.1',
      CLUSTER_SERVICE_PORT: '80',
      CLUSTER_PORT: 'tcp://10.0.0.1:80',
      NODE_PORT: '1',
    }
    expect(await problem({ environment })).toBe('nothing')
    expect(await problem({ yaml: 'clusters.x: 1\nnodes: 2\nmine: { node: 1 }' })).toBe('nothing')
    expect(await problem({ yaml: 'cluster.other.whatever: 1\nlog.level.my.Route: debug' })).toBe('nothing')
  })
})

describe('a wrong value', () => {
  it.each([
    [
      { set: ['cluster.service=tset'] },
      'cluster.service="tset": no such cluster service here; available: test, other, none; did you mean test? (--set)',
    ],
    [
      { set: ['cluster.service=test,other'] },
      'cluster.service="test,other": one cluster service at a time, not a list; available: test, other, none (--set)',
    ],
    [{ set: ['log.format=jsno'] }, 'log.format="jsno": must be one of text, json; did you mean json? (--set)'],
    [
      { yaml: 'cluster.test.root:' },
      /^cluster\.test\.root is empty; leave it out for its default \(.*application\.yaml:1\)$/,
    ],
    [
      { set: ['log.level=verbose'] },
      'log.level="verbose": must be one of trace, debug, info, warn, error, off (--set)',
    ],
    [{ set: ['node.id='] }, 'node.id is empty; leave it out for its default (--set)'],
    [
      { environment: { CLUSTER_TEST_MEMBERS: '1' } },
      'cluster.test.members="1": must be at least 2 (environment variable CLUSTER_TEST_MEMBERS)',
    ],
    [{ set: ['cluster.test.members=6'] }, 'cluster.test.members="6": must be at most 5 (--set)'],
    [{ set: ['cluster.test.api-token=swordfish'] }, /^cluster\.test\.api-token=xxxxxx: /],
  ] satisfies [Written, string | RegExp][])('%j: key, value, what is allowed, where', async (written, message) => {
    if (typeof message === 'string') expect(await problem(written)).toBe(message)
    else expect(await problem(written)).toMatch(message)
  })

  it.each([z.string(), text()])('is missing: how to set it', async schema => {
    const configuration = await configured({})
    expect(() => configuration.read({ prefix: 'cluster.test', schema: z.object({ lockFolder: schema }) })).toThrow(
      'cluster.test.lock-folder is required; set it in the configuration file, by CLUSTER_TEST_LOCK_FOLDER, or by --set cluster.test.lock-folder=…',
    )
  })

  it('is a list where one value belongs', async () => {
    expect(await problem({ yaml: 'x: 1\ncluster.service: [test, other]' })).toMatch(
      /^cluster\.service takes one value, not a list \(.*application\.yaml:2\)$/,
    )
  })
})

describe('a configuration file', () => {
  it.each([
    ['a: 1\nb: [1', /not YAML: .*application\.yaml:2\)$/],
    ['a: 1\na: 2', /not YAML: Map keys must be unique.*application\.yaml:2\)$/],
    ['just text', /must hold keys and values \(.*application\.yaml:1\)$/],
    ['# mine\n\njust text', /must hold keys and values \(.*application\.yaml:3\)$/],
    ['""', /must hold keys and values \(.*application\.yaml:1\)$/],
    ['# mine\n- cluster.service: test', /must hold keys and values, not a list \(.*application\.yaml:2\)$/],
    ['- just text', /must hold keys and values, not a list \(.*application\.yaml:1\)$/],
    ['[]', /must hold keys and values, not a list \(.*application\.yaml:1\)$/],
    [
      '[\n  { "cluster": { "service": "test" } }\n]',
      /must hold keys and values, not a list \(.*application\.yaml:1\)$/,
    ],
    ['a: 1\n"": [test]', /key must not be empty \(.*application\.yaml:2\)$/],
    ['"": test', /key must not be empty \(.*application\.yaml:1\)$/],
    ['? [a, b]\n: 1', /key must be a plain text \(.*application\.yaml:1\)$/],
    ['a: &a { b: *a }', /nested too deep \(.*application\.yaml:1\)$/],
    [
      'cluster.test.acquireLock: 1\ncluster.test.root: a\ncamel.cluster.test.root: b',
      /cluster\.test\.root is written twice, also as camel\.cluster\.test\.root \(.*:3\)$/,
    ],
  ])('%j is refused with its place', async (yaml, message) => {
    expect(await problem({ yaml })).toMatch(message)
  })

  it.each(['', '\n', '# mine\n', '---\n# mine\n', '\uFEFF# mine', '{}', '{ "a": "1" }'])('%j is fine', async yaml => {
    expect(await problem({ yaml })).toBe('nothing')
  })

  it('that is given must be there and readable', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'sub'))
    const load = (file: string) =>
      loadConfiguration({ module: pathToFileURL(join(folder, 'main.ts')), argv: ['--config', file], environment: {} })
    await expect(load(join(folder, 'none.yaml'))).rejects.toThrow(/cannot be read: ENOENT.*none\.yaml/)
    await expect(load(join(folder, 'sub'))).rejects.toThrow(/cannot be read: EISDIR/)
  })
})

describe('the command line', () => {
  it.each([
    [['--sett', 'a=b'], /^Unknown argument "--sett"; there are --config <file> and --set <key>=<value>$/],
    [['--set'], /^--set needs a value/],
    [['--set', 'a'], /^--set takes key=value, not "a"$/],
    [['--set', '=b'], /^--set takes key=value/],
    [['--config='], /^--config needs a value/],
    [['file'], /^Unknown argument "file"/],
  ])('%j is refused', async (argv, message) => {
    const load = loadConfiguration({ module: pathToFileURL(join(temporaryFolder(), 'main.ts')), argv, environment: {} })
    await expect(load).rejects.toThrow(
      expect.objectContaining({ code: 'DROMEDARY_CONFIG', message: expect.stringMatching(message) }),
    )
  })
})

describe('the configuration file is looked for', () => {
  const place = async (files: string[], module: string, argv: string[] = []) => {
    const folder = temporaryFolder()
    for (const file of files) {
      mkdirSync(join(folder, file, '..'), { recursive: true })
      writeFileSync(join(folder, file), file.endsWith('json') ? '{}' : 'a: 1')
    }
    const found = await loadConfiguration({
      module: pathToFileURL(join(folder, module)),
      argv: argv.map(argument => argument.replace('$', folder)),
      environment: {},
    })
    return [found.configFile?.replace(folder, '$'), found.folder.replace(folder, '$')]
  }

  it('beside the entry module first', async () => {
    expect(await place(['src/application.yaml', 'application.yaml', 'package.json'], 'src/main.ts')).toEqual([
      '$/src/application.yaml',
      '$/src',
    ])
  })

  it('then above it, so that src and dist share theirs, but not beyond the package', async () => {
    const files = ['application.yaml', 'package.json']
    expect(await place(files, 'src/main.ts')).toEqual(['$/application.yaml', '$'])
    expect(await place(files, 'dist/main.js')).toEqual(['$/application.yaml', '$'])
    expect(await place(['application.yaml', 'p/package.json'], 'p/src/main.ts')).toEqual([undefined, '$/p/src'])
  })

  it('where --config says, and relative paths begin there then', async () => {
    expect(
      await place(['etc/app.yaml', 'application.yaml', 'package.json'], 'main.ts', ['--config=$/etc/app.yaml']),
    ).toEqual(['$/etc/app.yaml', '$/etc'])
  })
})
