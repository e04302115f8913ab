import { fileURLToPath } from 'node:url'
import type { MemberProcess } from '@dromedary/testing/harness'
import { expect, it } from 'vitest'
import { after, CHANGED, DevProject } from './dev-project.ts'

const PROBE = fileURLToPath(new URL('fixtures/dev-probe.ts', import.meta.url))
const RELOADS = 200
/** Until V8 has optimised what dev mode itself does, and its caches are full. */
const WARM = 60
const SIZE = 20_000

/** As many verbs and functions to a line as in the routes of the example `feed-to-kafka`. */
const route = (name: string, generation: number): string =>
  `  /**
   * Where the messages of ${name} come from. Before each connection the route is asked how far it has got, and the feed told:
   * it sends what comes after that, and everything to those who have nothing yet. Generation ${generation}.
   */
  from('direct:${name}?generation')
    .routeId('${name}')
    .errorHandler(deadLetterChannel('log:${name}-refused?showAll=true', { useOriginalMessage: true }))
    .unmarshal('json')
    .filter('\${body[source]} == "${name} ${generation}"')
    .validate(({ body }) => typeof body === 'object')
    .end()
    .transform(({ body }) => ({ ...(body as object), generation: ${generation} }))
    .setHeader('CamelKafkaKey', ({ body }) => String((body as { symbol?: string }).symbol ?? '${name}'))
    .setHeader('CamelKafkaTopic', 'topic.of.${name}.${generation}')
    .marshal('json')
    .to('log:${name}?showAll=true&multiline=true'),
`.replace('?generation', '')

/** A file of that size; no text in it is that of another reload. */
function routesText(generation: number): string {
  let text = `import { deadLetterChannel, from } from '@dromedary/core'
const { track } = globalThis as unknown as { track(kind: string, value: object): void }

export function makeRoutes() {
  const processor = (exchange: object) => track('exchange', exchange)
  track('processor', processor)
  const fast = from('timer:fast?period=5&delay=0').routeId('fast').process(processor).log('generation ${generation}')
  track('definition', fast.definition)
  return [fast, from('master:{{node.namespace}}:timer:led?period=1s').routeId('led').log('led'), ...routes]
}

const routes = [
`
  for (let n = 1; text.length < SIZE; n++) text += route(`feed${n}`, generation)
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
  while (generation < WARM) await reload(++generation)
  const before = await probe(member)
  while (generation < WARM + RELOADS) await reload(++generation)
  const left = await probe(member)

  const growth = (left.heapUsed - before.heapUsed) / RELOADS
  console.log(
    `heap growth per reload: ${(growth / 1000).toFixed(1)} kB for ${SIZE / 1000} kB of changed sources; rss ${((left.rss - before.rss) / RELOADS / 1000).toFixed(1)} kB`,
  )
  expect(left.made['definition']).toBeGreaterThanOrEqual(RELOADS)
  expect(left.made['exchange']).toBeGreaterThan(RELOADS)
  expect(left.alive['definition'] ?? 0).toBeLessThan(2)
  expect(left.alive['processor']).toBe(1)
  expect(left.alive['options']).toBe(1)
  expect(left.alive['exchange'] ?? 0).toBeLessThan(5)

  expect(growth).toBeLessThan(4 * SIZE)
})
