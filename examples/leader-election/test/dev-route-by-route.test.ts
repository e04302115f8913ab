import { expect, it } from 'vitest'
import { after, CHANGED, DevProject, MISTAKE } from './dev-project.ts'
import { FIRED, fired, LEADS } from './members.ts'

const ROUTES = 'src/routes.ts'
const led = 'consuming from timer://clustered'

it('a saved change of one route takes effect in the running process; the other goes on, and leads on', async test => {
  const project = new DevProject(test)
  const member = await project.start()
  await member.waitForLine(FIRED)
  const change = await after(member, () => project.edit(ROUTES, 'HeartBeating route', 'Another heartbeat'), CHANGED)
  expect(change).toMatch(/replaced heartbeat; 1 route goes on$/)
  await member.waitForLine('[heartbeat] (Dromedary (leader-election) - timer://heartbeat) Another heartbeat (timer)')
  await member.waitForLine(FIRED, { from: member.lines.all.length })
  expect(member.lines.matching(led)).toHaveLength(1)
  expect(member.lines.matching(LEADS)).toHaveLength(1)
  expect(member.lines.matching('Started leader-election')).toHaveLength(1)

  // A changed master: route goes on in the same term.
  const again = await after(member, () => project.edit(ROUTES, 'Clustered route', 'Leading route'), CHANGED)
  expect(again).toMatch(/replaced clustered; 1 route goes on$/)
  await member.waitForLine('Leading route (timer)')
  expect(member.lines.matching(LEADS)).toHaveLength(1)
  const terms = member.lines.matching(led).map(text => /term (\d+)/.exec(text)?.[1])
  expect(new Set(terms).size).toBe(1)

  // One more route, and one less.
  expect(
    await after(
      member,
      () =>
        project.edit(
          ROUTES,
          'export const routes = [',
          "export const routes = [\n  from('timer:new').routeId('new').log('New'),",
        ),
      CHANGED,
    ),
  ).toMatch(/added new; 2 routes go on$/)
  expect(await after(member, () => project.edit(ROUTES, "from('timer:new')", '//'), CHANGED)).toMatch(
    /removed new; 2 routes go on$/,
  )
  expect(await member.stop()).toMatchObject({ code: 0 })
})

it('a module that did not change, and what it holds, stays; one that imports a changed one is loaded afresh', async test => {
  const project = new DevProject(test)
  project.save('src/state.ts', 'export const loaded = process.hrtime.bigint()\n')
  project.save('src/words.ts', "export const word = 'one'\n")
  project.save(
    ROUTES,
    `import { from } from '@dromedary/core'
import { loaded } from './state.ts'
import { word } from './words.ts'
export const routes = [
  from('timer:a?period=100').routeId('a').log(\`says \${word} since \${loaded}\`),
  from('timer:b?period=100').routeId('b').log(\`has run since \${loaded}\`),
]
`,
  )
  const member = await project.start()
  const [, since] = /says one since (\d+)/.exec((await member.waitForLine('says one')).text) ?? []
  expect(
    await after(member, () => project.saveByRename('src/words.ts', "export const word = 'two'\n"), CHANGED),
  ).toMatch(/replaced a; 1 route goes on$/)
  await member.waitForLine(`says two since ${since}`)
  // Several files at once are one change.
  const before = member.lines.all.length
  await after(
    member,
    () => {
      project.save('src/words.ts', "export const word = 'three'\n")
      project.save('src/state.ts', 'export const loaded = 7\n')
    },
    CHANGED,
  )
  await member.waitForLine('says three since 7')
  await member.waitForLine('has run since 7')
  expect(member.lines.all.slice(before).filter(({ text }) => CHANGED.test(text))).toHaveLength(1)
  expect(member.lines.matching(MISTAKE)).toEqual([])
})

it('configuration: properties replace the routes that use them, levels change, and what needs a restart is named', async test => {
  const project = new DevProject(test)
  const YAML = 'application.yaml'
  const member = await project.start()
  await member.waitForLine(LEADS)
  expect(await after(member, () => project.edit(YAML, 'namespace: camel-master', 'namespace: other'), CHANGED)).toMatch(
    /replaced clustered; configuration node\.namespace; 1 route goes on$/,
  )
  await member.waitForLine('leader of other is this member')
  expect(await after(member, () => project.edit(YAML, '# log:', 'log.level.heartbeat: off\n# log:'), CHANGED)).toMatch(
    /: configuration log\.level\.heartbeat; 2 routes go on$/,
  )
  expect(
    await after(member, () => project.edit(YAML, '# example:', 'example.routes: typed\n# example:'), CHANGED),
  ).toMatch(/configuration example\.routes; 2 routes go on$/)
  const restart = await after(
    member,
    () => project.edit(YAML, 'root: target/cluster', 'stale: 7s'),
    'restart for it to take effect',
  )
  expect(restart).toMatch(
    /WARN {2}\[dev\] .* cluster\.file\.stale has another value \(.*application\.yaml:\d+\): restart/,
  )
  const wrong = await after(member, () => project.edit(YAML, 'stale: 7s', 'stail: 7s'), MISTAKE)
  expect(wrong).toMatch(
    /DROMEDARY_CONFIG: Unknown key cluster\.file\.stail; did you mean .*application\.yaml:\d+\); what ran before goes on$/,
  )
  // None of it touched what runs.
  const ran = fired(member)
  await member.waitForLine(FIRED, { from: member.lines.all.length })
  expect(fired(member)).toBeGreaterThan(ran)
})

it('what is saved while another change waits for an exchange takes effect right after it', async test => {
  const project = new DevProject(test)
  const slow = (text: string) => `import { setTimeout } from 'node:timers/promises'
import { from } from '@dromedary/core'
export const routes = [
  from('timer:slow?delay=0&period=60s').routeId('slow').log('begins ${text}').process(() => setTimeout(1_000)).log('ends ${text}'),
]
`
  project.save(ROUTES, slow('one'))
  const member = await project.start()
  await member.waitForLine('begins one')
  const from = member.lines.all.length
  project.save(ROUTES, slow('two'))
  // By the time that this route has taken nothing new for a while, the change has begun.
  await member.waitForLine('never said', { within: 300 }).catch(() => {})
  project.save(ROUTES, slow('three'))
  await member.waitForLine('begins three')
  const said = member.lines.all.slice(from).map(({ text }) => text)
  // The second one may be replaced before it fires; if it did, it ended.
  const at = (end: string) => said.findIndex(text => text.endsWith(end))
  expect(at('ends one')).toBeGreaterThan(-1)
  expect(at('ends one')).toBeLessThan(at('begins three'))
  if (at('begins two') >= 0) expect(at('ends two')).toBeGreaterThan(at('begins two'))
  expect(member.lines.matching(MISTAKE)).toEqual([])
})
