import { statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDromedaryError, type LogRecord, type LogSink, systemClock } from '@dromedary/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createFileClusterService,
  type FileClusterOptions,
  fileCluster,
  fileClusterOptions,
  nodeLockFs,
} from '../src/index.ts'
import { hookedFs, ioError } from './support/hooked-fs.ts'
import { Stage } from './support/stage.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dromedary-options-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

function refusal(options: unknown): string {
  try {
    createFileClusterService(options as FileClusterOptions)
  } catch (error) {
    if (isDromedaryError(error, 'DROMEDARY_CLUSTER_CONFIG')) return error.message
    throw error
  }
  throw new Error('was not refused')
}

async function startRefusal(options: Partial<FileClusterOptions>): Promise<string> {
  const error = await createFileClusterService({ root, env: {}, ...options })
    .start()
    .then(
      () => undefined,
      cause => cause,
    )
  expect(isDromedaryError(error, 'DROMEDARY_CLUSTER_CONFIG')).toBe(true)
  return error.message
}

class Log implements LogSink {
  readonly records: LogRecord[] = []
  isEnabled(): boolean {
    return true
  }
  write(record: LogRecord): void {
    this.records.push(record)
  }
  matching(pattern: RegExp): string[] {
    return this.records.filter(({ message }) => pattern.test(message)).map(({ message }) => message)
  }
}

describe('options that cannot work', () => {
  it.each([
    [{}, /root is required/],
    [{ root: 'relative/cluster' }, /absolute path, but is "relative\/cluster"/],
    [{ root: '/r', update: 500 }, /update must be at least 1000 ms/],
    [{ root: '/r', update: 'soon' }, /update must be milliseconds or a duration/],
    [{ root: '/r', stale: '1s' }, /stale must be at least 2000 ms/],
    [{ root: '/r', update: '3s' }, /stale \(5000 ms\) must be at least twice update \(3000 ms\)/],
    [{ root: '/r', acquireLockInterval: 0 }, /acquireLockInterval must be at least/],
    [{ root: '/r', acquireLockDelay: '-1' }, /acquireLockDelay must be at least/],
  ])('%j', (options, message) => {
    expect(refusal(options)).toMatch(message)
  })

  it('each has a sentence, and defaults', () => {
    for (const [name, field] of Object.entries(fileClusterOptions.shape)) {
      expect(field.description, name).toMatch(/\w{3}/)
    }
    expect(fileClusterOptions.parse({ root: '/r' })).toEqual({
      root: '/r',
      update: 1000,
      stale: 5000,
      acquireLockDelay: 0,
      acquireLockInterval: 1000,
      allowKubernetes: false,
    })
  })
})

describe('start is refused', () => {
  it('where the root is a file, or lies in one', async () => {
    await writeFile(join(root, 'file'), '')
    expect(await startRefusal({ root: join(root, 'file') })).toMatch(/file \(cluster.file.root\).*a file, not a folder/)
    expect(await startRefusal({ root: join(root, 'file', 'below') })).toMatch(/a part of it is a file/)
  })

  it.each([
    ['EACCES', /no right to write/],
    ['EROFS', /read-only/],
  ])('where writing fails with %s', async (code, message) => {
    const fs = hookedFs({
      before(call, path) {
        if (call === 'mkdir') throw ioError(code, call, path)
      },
    })
    expect(await startRefusal({ fs })).toMatch(message)
  })

  it.runIf(process.platform === 'linux')('where a folder is there and none can be made in it', async () => {
    expect(await startRefusal({ root: '/proc/none/cluster' })).toMatch(/no folder can be made there/)
  })

  it('not by many members that make the same folders at once', async () => {
    const deep = join(root, 'a', 'b', 'c')
    await Promise.all(Array.from({ length: 20 }, () => nodeLockFs.mkdir(deep)))
    expect(statSync(deep).isDirectory()).toBe(true)
  })

  it('in a Kubernetes pod, unless told otherwise', async () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }
    expect(await startRefusal({ env })).toMatch(/cluster\.service=kubernetes/)
    const member = createFileClusterService({ root, env, allowKubernetes: true })
    await member.start()
    await member.stop()
  })
})

describe('what start says', () => {
  it('the absolute root and the member', async () => {
    const log = new Log()
    const member = createFileClusterService({ root, id: 'one', env: {}, log })
    await member.start()
    expect(log.matching(/one/)).toEqual([`this member is one; members meet in ${root}`])
    expect(log.records.every(({ category }) => category === 'cluster')).toBe(true)
    await member.stop()
  })

  it.each([
    [0x6969, /NFS/],
    [0x794c7630, /overlay/],
  ])('file system type %d', async (type, warning) => {
    const log = new Log()
    const fs = { ...hookedFs({}), filesystemType: async () => type }
    const member = createFileClusterService({ root, env: {}, log, fs })
    await member.start()
    expect(log.matching(warning)).toHaveLength(1)
    await member.stop()
  })
})

describe('each option changes something', () => {
  it('acquireLockDelay: nobody competes before', async () => {
    await using stage = await Stage.create()
    const late = await stage.member('late', { acquireLockDelay: 5000 })
    late.compete()
    await stage.pass(4000)
    expect(late.valid).toBe(false)
    await stage.pass(1500)
    expect(late.valid).toBe(true)
  })

  it('acquireLockInterval: how often a follower looks', async () => {
    await using stage = await Stage.create()
    await stage.leader('leader')
    const [often, seldom] = [
      await stage.member('often', { acquireLockInterval: 1000 }),
      await stage.member('seldom', { acquireLockInterval: 5000 }),
    ]
    const looks = () => [often, seldom].map(member => member.calls.filter(call => call === 'readdir ns.lock').length)
    for (const member of [often, seldom]) member.compete()
    await stage.pass(1000)
    for (const member of [often, seldom]) member.calls = []
    await stage.pass(10_000)
    expect(looks()[0]).toBeGreaterThanOrEqual(8)
    expect(looks()[1]).toBeLessThanOrEqual(3)
  })

  it('stale: the lease of the leader; update and the settings of others: a warning names them', async () => {
    await using stage = await Stage.create()
    const leader = await stage.leader('leader')
    expect(leader.leaderships[0]?.remainingMs()).toBeGreaterThan(19_000)
    const log = new Log()
    const other = await stage.member('other', { stale: 8000, update: 2000, log })
    other.compete()
    await stage.pass(5000)
    expect(log.matching(/other settings/)).toEqual([
      'member leader of ns has other settings: update is 1000 ms there, 2000 ms here; stale is 20000 ms there, 8000 ms here. Give all members the same.',
    ])
    // It waits for what the holder counts with, not for what it would count with itself.
    leader.freeze()
    await stage.pass(7000)
    expect(leader.valid).toBe(true)
    expect(other.valid).toBe(false)
  })

  it('id: the name for people; without one a fresh name', () => {
    expect(createFileClusterService({ root, id: 'one' }).self.id).toBe('one')
    expect(createFileClusterService({ root }).self.id).not.toBe(createFileClusterService({ root }).self.id)
  })
})

it('fileCluster is what an application offers as a backend', () => {
  const given = { nodeId: 'node-1', folder: '/srv/app', clock: systemClock, log: new Log() }
  const options = fileCluster.schema.parse({ root: 'cluster' })
  expect(fileCluster.describe(options, given)).toBe('in /srv/app/cluster')
  expect(fileCluster.create(options, given).self.id).toBe('node-1')
})
