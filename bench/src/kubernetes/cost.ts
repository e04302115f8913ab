import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesServer } from '@dromedary/test-servers/kubernetes'
import { install, type Tarballs } from '../../../scripts/built-form.ts'
import { must } from '../../../scripts/run.ts'
import { type Spread, spread } from '../arithmetic.ts'
import { EXAMPLE_SOURCE, inFolder, type Meeting, type Memory, memoryOf, timeToLead } from '../example.ts'
import { librariesOf } from '../import-cost.ts'
import { table } from '../table.ts'
import { memberEnv, openSite } from './site.ts'

/** What is imported, each in a fresh process; the first of them is part of the second. */
const IMPORTS = ['@dromedary/core', '@dromedary/cluster-kubernetes', '@kubernetes/client-node'] as const

const SERVICES = ['file', 'kubernetes'] as const

export interface ImportCost {
  readonly name: string
  readonly ms: Spread
  /** Resident memory that the import added, megabytes. */
  readonly mb: Spread
}

export interface ServiceCost {
  readonly service: (typeof SERVICES)[number]
  /** Start of the process to leadership. */
  readonly ms: Spread
  readonly memory: Memory
}

export interface Cost {
  readonly imports: readonly ImportCost[]
  readonly services: readonly ServiceCost[]
}

/** What the client of Kubernetes costs those who use it, and those who do not. */
export async function cost(tarballs: Tarballs, server: KubernetesServer, quick: boolean): Promise<Cost> {
  return { imports: await importCosts(tarballs, quick ? 2 : 15), services: await serviceCosts(server, quick) }
}

/** Of the built and installed packages, by turns. */
async function importCosts(tarballs: Tarballs, rounds: number): Promise<ImportCost[]> {
  const [core, service, client] = IMPORTS
  using installed = await install(tarballs, [core, service], librariesOf(client))
  const { folder } = installed
  const samples = new Map<string, { ms: number[]; mb: number[] }>()
  for (let round = -1; round < rounds; round++) {
    for (const name of IMPORTS) {
      const file = join(folder, `${name.replaceAll(/\W/g, '-')}.js`)
      writeFileSync(file, timedImport(name))
      const [ms = Number.NaN, mb = Number.NaN] = (await must(process.execPath, [file], { cwd: folder }))
        .split(' ')
        .map(Number)
      // The first round fills the caches.
      if (round < 0) samples.set(name, { ms: [], mb: [] })
      else samples.get(name)?.ms.push(ms)
      if (round >= 0) samples.get(name)?.mb.push(mb)
    }
  }
  return [...samples].map(([name, { ms, mb }]) => ({ name, ms: spread(ms), mb: spread(mb) }))
}

const timedImport = (name: string): string => `
const memory = process.memoryUsage.rss()
const start = performance.now()
await import('${name}')
console.log(performance.now() - start, (process.memoryUsage.rss() - memory) / 2 ** 20)
`

/** Of the example, from source: one program that knows both services and loads the one that it is told. */
async function serviceCosts(server: KubernetesServer, quick: boolean): Promise<ServiceCost[]> {
  const times = { file: [] as number[], kubernetes: [] as number[] }
  const meetings = { file: inFolder, kubernetes: () => onServer(server) }
  for (let round = -1; round < (quick ? 2 : 11); round++) {
    for (const service of SERVICES) {
      using meeting = await meetings[service]()
      const took = await timeToLead(EXAMPLE_SOURCE, meeting)
      if (round >= 0) times[service].push(took)
    }
  }
  const costs: ServiceCost[] = []
  for (const service of SERVICES) {
    using meeting = await meetings[service]()
    const memory = await memoryOf(EXAMPLE_SOURCE, quick ? 1_000 : 5_000, meeting)
    costs.push({ service, ms: spread(times[service]), memory })
  }
  return costs
}

/** Where nobody has led before. */
async function onServer(server: KubernetesServer): Promise<Meeting> {
  const site = await openSite(server, 2)
  return { leader: memberEnv(site, 0), follower: memberEnv(site, 1), [Symbol.dispose]: () => site[Symbol.dispose]() }
}

export function costLines({ imports, services }: Cost): string[] {
  return [
    'cost of the client: an import, built and installed; the example, from source, with cluster.service=file and =kubernetes',
    ...table([
      ['import (the service with core)', 'ms', 'MB more'],
      ...imports.map(({ name, ms, mb }) => [name, range(ms), range(mb)]),
    ]).map(line => `   ${line}`),
    ...table([
      ['cluster.service', 'ms to leadership', 'leader MB', 'follower MB'],
      ...services.map(({ service, ms, memory }) => [service, range(ms), whole(memory.leader), whole(memory.follower)]),
    ]).map(line => `   ${line}`),
  ]
}

export function costFigures({ imports, services }: Cost): Record<string, number> {
  const ofImports = imports.flatMap(({ name, ms, mb }) => [
    [`import ${name} ms`, ms.median],
    [`import ${name} MB`, mb.median],
  ])
  const ofServices = services.flatMap(({ service, ms, memory }) => [
    [`example on ${service} ms`, ms.median],
    [`example on ${service} leader MB`, memory.leader],
    [`example on ${service} follower MB`, memory.follower],
  ])
  return Object.fromEntries([...ofImports, ...ofServices])
}

const whole = (value: number): string => value.toFixed(0)
const range = ({ median, min, max }: Spread): string => `${whole(median)} (${whole(min)}–${whole(max)})`
