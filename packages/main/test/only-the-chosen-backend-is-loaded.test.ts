import { type LogSink, silentSink } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import type { ClusterBackend, ClusterBackends, ClusterGiven } from '../src/cluster/backends.ts'
import { chooseCluster } from '../src/cluster/choose.ts'
import { configured, type Written } from './support.ts'

const log: LogSink = silentSink
const given: ClusterGiven = { nodeId: 'n', folder: '/srv/app', clock: new FakeClock(), log }

/** Two backends that tell when they are loaded and what they are made of. */
function backends() {
  const told: unknown[] = []
  const backend = (name: string): ClusterBackend => ({
    schema: z.object({ root: z.string().default('here'), size: z.string().optional() }),
    create: (options, more) => {
      told.push([name, options, more])
      return { id: name } as ClusterService
    },
    describe: (options, { folder }) => `in ${folder}/${options['root']}`,
  })
  const loading = (name: string) => async () => {
    told.push(`load ${name}`)
    return backend(name)
  }
  const all: ClusterBackends = { file: loading('file'), kubernetes: loading('kubernetes') }
  return { all, told }
}

async function choice(written: Written) {
  const { all, told } = backends()
  return { chosen: await chooseCluster(await configured(written), all, given), told }
}

it('the first is the default', async () => {
  const { chosen, told } = await choice({})
  expect(chosen).toMatchObject({ description: 'file in /srv/app/here', service: { id: 'file' }, overrun: 'exit' })
  expect(told).toEqual(['load file', ['file', { root: 'here' }, given]])
})

it('cluster.service chooses at run time, whatever the file says about the others', async () => {
  const yaml = 'cluster: { service: file, file: { root: x, unheard-of: 1 }, kubernetes: { root: y }, overrun: resign }'
  const { chosen, told } = await choice({
    yaml,
    environment: { CLUSTER_SERVICE: 'kubernetes', CLUSTER_KUBERNETES_SIZE: '3' },
  })
  expect(chosen).toMatchObject({ description: 'kubernetes in /srv/app/y', overrun: 'resign' })
  expect(told).toEqual(['load kubernetes', ['kubernetes', { root: 'y', size: '3' }, given]])
})

it('none is a choice, and loads nothing', async () => {
  const { chosen, told } = await choice({ set: ['cluster.service=none', 'cluster.file.root=x'] })
  expect(chosen).toEqual({ description: 'none', service: undefined, overrun: 'exit' })
  expect(told).toEqual([])
})

it('an application without backends has none', async () => {
  expect((await chooseCluster(await configured({}), {}, given)).description).toBe('none')
  await expect(chooseCluster(await configured({ set: ['cluster.service=file'] }), {}, given)).rejects.toThrow(
    'cluster.service="file": no such cluster service here; available: none (--set)',
  )
})

it('a key of the chosen one that it does not know is refused, as is a backend that is not there', async () => {
  await expect(choice({ set: ['cluster.file.roto=x'] })).rejects.toThrow(
    /^Unknown key cluster\.file\.roto; did you mean cluster\.file\.root\?/,
  )
  await expect(choice({ set: ['cluster.consul.root=x'] })).rejects.toThrow(/^Unknown key cluster\.consul\.root/)
})

it('one that was left out of the build is said so in one line; what its own code throws is not', async () => {
  const configuration = await configured({ set: ['cluster.service=gone'] })
  const choose = (load: () => Promise<ClusterBackend>) => chooseCluster(configuration, { gone: load }, given)
  const missing = Object.assign(new Error("Cannot find package 'gone'"), { code: 'ERR_MODULE_NOT_FOUND' })
  await expect(choose(() => Promise.reject(missing))).rejects.toMatchObject({
    code: 'DROMEDARY_CONFIG',
    message: `cluster.service="gone": it is not installed, or was left out of this build: Cannot find package 'gone'`,
  })
  const broken = new TypeError('broken')
  await expect(choose(() => Promise.reject(broken))).rejects.toBe(broken)
})
