import { fileURLToPath } from 'node:url'
import type { MemberProcess } from '@dromedary/testing/harness'
import { expect, it } from 'vitest'
import { after, CHANGED, DevProject, MISTAKE } from './dev-project.ts'

const PROBE = fileURLToPath(new URL('fixtures/dev-probe.ts', import.meta.url))
const RELOADS = 200
/** Until the caches of Node and of V8 are full. */
const WARM = 60
/** Machine code that V8 makes of what runs often, and throws away again, is no matter of dev mode. */
const PLAIN = ['--no-opt', '--no-maglev', '--no-sparkplug']

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

/** A file of that size at least; no text in it is that of another reload. */
function routesText(size: number, generation: number): string {
  let text = `import { deadLetterChannel, from } from '@dromedary/core'
const { track } = globalThis as unknown as { track(kind: string, value: object): void }

export function makeRoutes() {
  const processor = (exchange: object) => track('exchange', exchange)
  track('processor', processor)
  track('module', routes)
  const fast = from('timer:fast?period=5&delay=0').routeId('fast').process(processor).log('generation ${generation}')
  track('definition', fast.definition)
  return [fast, from('master:{{node.namespace}}:timer:led?period=1s').routeId('led').log('led'), ...routes]
}

const routes = [
`
  for (let n = 1; text.length < size; n++) text += route(`feed${n}`, generation)
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

interface Saves {
  readonly file: string
  text(generation: number): string
  /** What dev mode says to each. */
  readonly line: RegExp
  readonly warm: number
  readonly saves: number
}

const ROUTES = { file: 'src/routes.ts', line: CHANGED, warm: WARM, saves: RELOADS }

/** Saves a file again and again; how much the heap has grown with each save, and what was tracked. */
async function reload(
  project: DevProject,
  { file, text, line, warm, saves }: Saves,
): Promise<Probe & { growth: number }> {
  project.save(file, text(0))
  const member = await project.start({ nodeArgs: ['--expose-gc', ...PLAIN, '--import', PROBE] })
  let generation = 0
  const to = async (last: number) => {
    while (generation < last) await after(member, () => project.save(file, text(++generation)), line)
    return probe(member)
  }
  const before = await to(warm)
  const left = await to(warm + saves)
  const growth = Math.round((left.heapUsed - before.heapUsed) / saves)
  const rss = Math.round((left.rss - before.rss) / saves)
  console.log(`heap growth per save: ${growth} bytes for ${text(1).length} of ${file}; rss ${rss}`)
  return { ...left, growth }
}

it('a save of the example costs no memory', { timeout: 300_000 }, async test => {
  const project = new DevProject(test)
  const routes = project.read('src/routes.ts')
  expect(routes).toContain('HeartBeating')
  const text = (generation: number) => routes.replace('HeartBeating', `generation ${generation}`)
  const { growth } = await reload(project, { ...ROUTES, text })
  expect(growth).toBeLessThan(4 * routes.length)
})

it.for([500, 20_000])(
  'of a file of %i bytes nothing of an old generation survives',
  { timeout: 300_000 },
  async (size, test) => {
    const project = new DevProject(test)
    project.save('src/application.ts', APPLICATION)
    const { growth, made, alive } = await reload(project, {
      ...ROUTES,
      text: generation => routesText(size, generation),
    })
    expect(growth).toBeLessThan(4 * size)

    expect(made['definition']).toBeGreaterThanOrEqual(RELOADS)
    expect(made['exchange']).toBeGreaterThan(RELOADS)
    expect(alive['definition'] ?? 0).toBeLessThan(2)
    expect(alive['processor']).toBe(1)
    expect(alive['module']).toBe(1)
    expect(alive['options']).toBe(1)
    expect(alive['exchange'] ?? 0).toBeLessThan(5)
  },
)

const words = (generation: number) => JSON.stringify(Array.from({ length: 800 }, (_, n) => `${generation} word ${n}`))

it.for([
  ['JSON', 'src/words.json', words, CHANGED],
  ['CommonJS', 'src/words.cjs', (generation: number) => `module.exports = ${words(generation)}`, CHANGED],
  [
    'one that throws',
    'src/words.cjs',
    (generation: number) => `module.exports = ${words(generation)}\nthrow 1`,
    MISTAKE,
  ],
  ['one that is wrong', 'src/words.ts', (generation: number) => `export default ${words(generation)}\nnull.x`, MISTAKE],
] as const)('nor of %s', { timeout: 300_000 }, async ([, file, text, line], test) => {
  const project = new DevProject(test)
  const attributes = file.endsWith('json') ? " with { type: 'json' }" : ''
  const routes = `import words from './${file.slice(4)}'${attributes}\nvoid words\n${project.read('src/routes.ts')}`
  project.save('src/routes.ts', routes)
  const ofFile = (generation: number) => (generation === 0 ? text(0).replace(/\n.*$/, '') : text(generation))
  const { growth } = await reload(project, { file, text: ofFile, line, warm: 30, saves: 60 })
  expect(growth).toBeLessThan(text(0).length / 4)
})

it('code of a version that was replaced is whole for as long as it runs', async test => {
  const project = new DevProject(test)
  const text = project.read('src/routes.ts')
  const first = 'Object.assign(globalThis, { late: async () => [import.meta.url, await import("./late.ts")] })'
  project.save('src/late.ts', 'export default "late"')
  project.save('src/routes.ts', `${text}\n${first}`)
  const member = await project.start({ nodeArgs: ['--expose-gc', '--import', PROBE] })
  await after(member, () => project.save('src/routes.ts', `${text}\nexport const a = 1`), CHANGED)
  await after(member, () => project.save('src/routes.ts', `${text}\nexport const a = 2`), CHANGED)
  await probe(member)
  const last = `const { late } = globalThis as unknown as { late(): Promise<[string, { default: string }]> }
late().then(([url, late]) => console.log('LATE', url, late.default))`
  const line = await after(member, () => project.save('src/routes.ts', `${text}\n${last}`), /^LATE /)
  expect(line).toMatch(/^LATE file:.*routes\.ts\S* late$/)
})
