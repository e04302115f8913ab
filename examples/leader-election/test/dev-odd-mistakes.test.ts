import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { after, CHANGED, DevProject, MISTAKE } from './dev-project.ts'

const ROUTES = 'src/routes.ts'

it('whatever a module throws is reported, and the next save is tried', async test => {
  const project = new DevProject(test)
  const good = project.read(ROUTES)
  const member = await project.start()
  const unreadable = (what: string) => `Object.defineProperty(new Error('x'), '${what}', { get() { throw 1 } })`
  const thrown: readonly [string, RegExp][] = [
    ['Object.create(null)', /something that has no text was thrown; what ran before goes on/],
    [unreadable('stack'), /something that cannot be read was thrown; what ran before goes on/],
    [unreadable('message'), /something that .* was thrown; what ran before goes on/],
  ]
  for (const [what, expected] of thrown) {
    expect(await after(member, () => project.save(ROUTES, `${good}throw ${what}\n`), MISTAKE)).toMatch(expected)
    await after(member, () => project.save(ROUTES, good), CHANGED)
  }
})

it('no secret is shown: neither of a message, nor of the sources, nor of a stack', async test => {
  const project = new DevProject(test)
  const good = project.read(ROUTES)
  const member = await project.start()
  const shown = async (text: string, line: RegExp) => {
    expect(await after(member, () => project.save(ROUTES, `${good}${text}\n`), MISTAKE)).toMatch(line)
    await after(member, () => project.save(ROUTES, good), CHANGED)
  }
  await shown("throw new Error('no tcp://me:swordfish@host?password=swordfish')", /Error: no tcp:\/\/me:xxxxxx@host/)
  await shown("const login = { password: 'swordfish' }; throw new Error('z')", /routes\.ts:\d+:48: Error: z/)
  await shown("throw 'password=swordfish'", /password=xxxxxx; what ran before/)
  const late = "setTimeout(() => { throw new Error('late password=swordfish') }, 10)"
  await after(member, () => project.save(ROUTES, `${good}${late}\n`), /^\tError: late password=xxxxxx$/)
  await member.waitForLine(/^\t {4}at .*routes\.ts:10:26\)$/)
  expect(member.lines.matching('swordfish')).toEqual([])
})

it('a mistake in a JSON file, or in how a file is imported, has a place', async test => {
  const project = new DevProject(test)
  const good = project.read(ROUTES)
  project.save('src/words.json', '{ "word": "one" }')
  project.save('src/style.css', '')
  const using = (attribute: string) => `import words from './words.json'${attribute}\n${good}void words\n`
  project.save(ROUTES, using(" with { type: 'json' }"))
  const member = await project.start()
  const told = async (file: string, text: string) => after(member, () => project.save(file, text), MISTAKE)
  expect(await told('src/words.json', '{ "word": one }')).toMatch(/words\.json:1:11: SyntaxError: /)
  expect(await told(ROUTES, using(''))).toMatch(/routes\.ts:1:19: TypeError: .*words\.json" needs an import attribute/)
  expect(await told(ROUTES, `import './style.css'\n${good}`)).toMatch(/routes\.ts:1:8: TypeError: .*\.css/)
  expect(member.lines.matching('dromedary=')).toEqual([])
  await after(member, () => project.save(ROUTES, good), CHANGED)
})

it('what is required by what is required is looked after, however often either is loaded', async test => {
  const project = new DevProject(test)
  const word = (text: string) => `exports.word = '${text}'\n`
  project.save('src/deep.cjs', word('deep'))
  const helper = (text: string) => `exports.word = '${text} ' + require('./deep.cjs').word\n`
  project.save('src/helper.cjs', helper('one'))
  const routes = project.read(ROUTES).replace("'HeartBeating", "word + ' HeartBeating")
  project.save(ROUTES, `import { word } from './helper.cjs'\n${routes.replace('10s', '10s&delay=0')}`)
  const member = await project.start()
  await member.waitForLine('one deep HeartBeating')
  for (const reload of ['2', '3']) {
    await after(member, () => project.save('src/helper.cjs', helper(`helper${reload}`)), `helper${reload} deep`)
    await after(member, () => project.save('src/deep.cjs', word(`deep${reload}`)), `helper${reload} deep${reload} H`)
    expect(await after(member, () => project.save('src/deep.cjs', 'exports.word = null.x'), MISTAKE)).toMatch(
      /deep\.cjs:1:21: TypeError/,
    )
    await after(member, () => project.save('src/deep.cjs', word('deep')), `helper${reload} deep H`)
  }
  expect(await after(member, () => rmSync(project.path('src/deep.cjs')), MISTAKE)).toMatch(
    /helper\.cjs:1:3\d: Error: .*deep\.cjs/,
  )
  await after(member, () => project.save('src/deep.cjs', word('back')), 'helper3 back H')
})

it('an ES module that is required, or that such a one imports, is loaded afresh like any other', async test => {
  const project = new DevProject(test)
  const deeper = (text: string) => `export const word = '${text}'\n`
  const deep = (text: string) =>
    `import { word as deeper } from './deeper.mjs'\nexport const word = '${text} ' + deeper\n`
  project.save('src/deeper.mjs', deeper('deeper'))
  project.save('src/deep.mjs', deep('deep'))
  project.save('src/helper.cjs', `exports.word = 'required ' + require('./deep.mjs').word\n`)
  const routes = project.read(ROUTES).replace("'HeartBeating", "word + ' HeartBeating")
  project.save(ROUTES, `import { word } from './helper.cjs'\n${routes.replace('10s', '10s&delay=0')}`)
  const member = await project.start()
  await member.waitForLine('required deep deeper HeartBeating')
  for (const text of ['2', '3']) {
    await after(member, () => project.save('src/deeper.mjs', deeper(`er${text}`)), / required deep\d? er\d H/)
    await after(member, () => project.save('src/deep.mjs', deep(`deep${text}`)), `required deep${text} er${text} H`)
    expect(await after(member, () => project.save('src/deeper.mjs', 'export const word = null.x'), MISTAKE)).toMatch(
      /deeper\.mjs:1:26: TypeError/,
    )
    await after(member, () => project.save('src/deeper.mjs', deeper(`right${text}`)), `deep${text} right${text} H`)
  }
})

it('an application may be CommonJS as a whole', async test => {
  const project = new DevProject(test)
  project.save(
    'src/application.cjs',
    `const { runApplication } = require('@dromedary/main')
const { timer } = require('@dromedary/timer')
const { routes } = require('./routes.cjs')
void runApplication({ name: 'c', module: require('node:url').pathToFileURL(__filename), components: [timer], routes, argv: [] })
`,
  )
  project.edit('src/dev.ts', './application.ts', './application.cjs')
  project.save('application.yaml', '')
  const routes = (text: string, more = '') => `const { from } = require('@dromedary/core')
exports.routes = [
  from('timer:a?delay=0').routeId('a').log('${text}'),
  from('timer:b?delay=0').routeId('b').log('b'),
]
${more}`
  project.save('src/routes.cjs', routes('one'))
  const member = await project.spawn()
  await member.waitForLine('one')
  const change = (text: string, line: RegExp | string) =>
    after(member, () => project.save('src/routes.cjs', text), line)
  expect(await change(routes('two'), CHANGED)).toMatch(/replaced a; 1 route goes on$/)
  expect(await change(routes('two').replace('a?', 'a?perid=1&'), MISTAKE)).toMatch(/routes\.cjs:3:3: .*UNKNOWN_OPTION/)
  expect(await change(routes('two', "require('./gone.cjs')"), MISTAKE)).toMatch(/routes\.cjs:6:9: Error: .*gone\.cjs/)
  await after(member, () => project.save('src/gone.cjs', ''), CHANGED)
  expect(await change(routes('three'), CHANGED)).toMatch(/replaced a; 1 route goes on$/)
})
