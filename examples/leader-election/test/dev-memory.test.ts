import { fileURLToPath } from 'node:url'
import type { MemberProcess } from '@dromedary/testing/harness'
import { expect, it } from 'vitest'
import { after, CHANGED, DevProject } from './dev-project.ts'

const PROBE = fileURLToPath(new URL('fixtures/dev-probe.ts', import.meta.url))
const RELOADS = 200
const SIZE = 20_000

/** About 20 kB, as a file of routes may have, none of which is the same text twice. */
function routesText(generation: number): string {
  const head = `import { from } from '@dromedary/core'
const { track } = globalThis as unknown as { track(kind: string, value: object): void }
export function makeRoutes() {
  const processor = (exchange: object) => track('exchange', exchange)
  track('processor', processor)
  const fast = from('timer:fast?period=5').routeId('fast').process(processor).log('generation ${generation}')
  track('definition', fast.definition)
  return [fast, from('master:{{node.namespace}}:timer:led?period=1s').routeId('led').log('led'), ...more]
}
const more = [
`
  let text = head
  for (let n = 0; text.length < SIZE; n++) {
    text += `  from('direct:more${n}').routeId('more${n}').filter('\${header.kind} == "kind ${n}"').setBody('Text ${n} of ${generation}').end().log('\${body} ${n}'),\n`
  }
  return `${text}]\n`
}

const APPLICATION = `import { runApplication } from '@dromedary/main'
import { master } from '@dromedary/master'
import { timer } from '@dromedary/timer'
const { track } = globalThis as unknown as { track(kind: string, value: object): void }
const options = {
  name: 'leader-election',
  module: import.meta.url,
  components: [timer, master],
  clusters: { file: async () => (await import('@dromedary/cluster-file')).fileCluster },
  routes: async () => (await import('./routes.ts')).makeRoutes(),
}
track('options', options)
await runApplication(options)
`

interface Probe {
  readonly heapUsed: number
  readonly rss: number
  readonly alive: Readonly<Record<string, number>>
  readonly made: Readonly<Record<string, number>>
}

async function probe(member: MemberProcess): Promise<Probe> {
  const line = await after(member, () => member.signal('SIGUSR2'), /^PROBE /)
  return JSON.parse(line.slice('PROBE '.length))
}

it('nothing of an old generation survives, but for what Node keeps of a module', { timeout: 300_000 }, async test => {
  const project = new DevProject(test)
  project.save('src/application.ts', APPLICATION)
  project.save('src/routes.ts', routesText(0))
  const member = await project.start({ nodeArgs: ['--expose-gc', '--import', PROBE] })
  const reload = async (generation: number) => {
    await after(member, () => project.save('src/routes.ts', routesText(generation)), CHANGED)
    await member.waitForLine(`generation ${generation}`)
  }
  let generation = 0
  // Caches fill first.
  while (generation < 20) await reload(++generation)
  const before = await probe(member)
  while (generation < 20 + RELOADS) await reload(++generation)
  const left = await probe(member)

  expect(left.made['definition']).toBeGreaterThanOrEqual(RELOADS)
  expect(left.made['exchange']).toBeGreaterThan(RELOADS)
  expect(left.alive['definition']).toBe(1)
  expect(left.alive['processor']).toBe(1)
  expect(left.alive['options']).toBe(1)
  expect(left.alive['exchange'] ?? 0).toBeLessThan(5)

  const growth = (left.heapUsed - before.heapUsed) / RELOADS
  console.log(
    `heap growth per reload: ${(growth / 1000).toFixed(1)} kB for ${SIZE / 1000} kB of changed sources; rss ${((left.rss - before.rss) / RELOADS / 1000).toFixed(1)} kB`,
  )
  expect(growth).toBeLessThan(4 * SIZE)
})
