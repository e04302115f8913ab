import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { after, CHANGED, DevProject, MISTAKE } from './dev-project.ts'
import { FIRED, LEADS } from './members.ts'

const ROUTES = 'src/routes.ts'

it('a mistake is reported with its place, what ran before goes on, and the next save is tried again', {
  timeout: 120_000,
}, async test => {
  const project = new DevProject(test)
  const good = project.read(ROUTES)
  const member = await project.start()
  await member.waitForLine(FIRED)
  const broken = (text: string) => good.replace('export const', `${text}\nexport const`)
  const uri = (to: string) => good.replace('timer:heartbeat?period=10s', to)

  const mistakes: readonly [string, RegExp][] = [
    [broken('const x = )'), /routes\.ts:3:11: SyntaxError: /],
    [broken('enum Colour { red }'), /routes\.ts:3:1: SyntaxError: TypeScript enum is not supported/],
    [broken('const a = 1\nconst a = 2'), /routes\.ts:4:7: SyntaxError: Identifier 'a' has already been declared/],
    [broken("  throw new RangeError('no')"), /routes\.ts:3:9: RangeError: no; what ran before goes on/],
    [
      `import { nix } from './typed-routes.ts'\n${good}`,
      /routes\.ts:1:10: SyntaxError: .* does not provide an export named 'nix'/,
    ],
    [`${good}import './gone.ts'\n`, /routes\.ts:10:8: Error: Cannot find module .*gone\.ts/],
    [uri('timer:heartbeat?perid=10s'), /routes\.ts:4:3: DROMEDARY_UNKNOWN_OPTION: .*perid.*did you mean period\?/],
    [uri('timmer:heartbeat?password=swordfish'), /routes\.ts:4:3: DROMEDARY_UNKNOWN_SCHEME: .*password=xxxxxx/],
    [uri('timer:heartbeat?period={{gone}}'), /routes\.ts:4:3: DROMEDARY_UNKNOWN_PLACEHOLDER: /],
    [good.replace(".log('Clustered", ".to('lgo:x').log('Clustered"), /routes\.ts:8:6: DROMEDARY_UNKNOWN_SCHEME: .*lgo/],
    [good.replace(".routeId('clustered')", ".routeId('heartbeat')"), /routes\.ts:6:3: DROMEDARY_DUPLICATE_ROUTE_ID: /],
    [
      good.replace('export const routes', 'export const others'),
      /DROMEDARY_INVALID_ROUTE: the routes of leader-election are undefined, not an array/,
    ],
    [`${good}routes.push(undefined as never)\n`, /DROMEDARY_INVALID_ROUTE: one of the routes is undefined: from/],
  ]
  for (const [text, expected] of mistakes) {
    expect(await after(member, () => project.save(ROUTES, text), MISTAKE)).toMatch(expected)
    await after(member, () => project.save(ROUTES, good), CHANGED)
  }
  expect(await after(member, () => rmSync(project.path(ROUTES)), MISTAKE)).toMatch(
    /application\.ts:\d+:\d+: .*routes\.ts/,
  )
  expect(await after(member, () => project.save(ROUTES, good), CHANGED)).toMatch(/: 2 routes go on$/)

  // Nothing of all that was seen in what runs, and no secret in a code frame.
  await member.waitForLine(FIRED, { from: member.lines.all.length })
  expect(member.lines.matching(LEADS)).toHaveLength(1)
  expect(member.lines.matching('consuming from')).toHaveLength(1)
  expect(member.lines.matching('swordfish')).toEqual([])
  expect(member.lines.matching(/^\t> \d+ \| /).length).toBeGreaterThan(8)
})

it('a file that is written in two halves is not left half loaded', async test => {
  const project = new DevProject(test)
  const member = await project.start()
  const text = project.read(ROUTES).replaceAll('HeartBeating', 'Whole')
  const half = text.slice(0, text.indexOf("from('master") - 1)
  await after(member, () => project.save(ROUTES, half), MISTAKE)
  expect(await after(member, () => project.save(ROUTES, text), CHANGED)).toMatch(/replaced heartbeat; 1 route goes on/)
  // Truncated, as before a write that takes its time.
  const before = member.lines.all.length
  project.save(ROUTES, '')
  await after(member, () => project.save(ROUTES, text.replaceAll('Whole', 'Other')), CHANGED)
  expect(member.lines.all.slice(before).filter(({ text }) => MISTAKE.test(text))).toEqual([])
})

it('an application that has a mistake at its start starts when it is put right', async test => {
  const project = new DevProject(test)
  const good = project.read(ROUTES)
  project.save(ROUTES, good.replace('timer:heartbeat', 'timmer:heartbeat'))
  const member = await project.spawn()
  expect((await member.waitForLine(MISTAKE)).text).toMatch(
    /routes\.ts:4:3: DROMEDARY_UNKNOWN_SCHEME: .*it starts when this is put right$/,
  )
  await after(
    member,
    () => project.save(ROUTES, `${good}const x = (`),
    / SyntaxError: .*it starts when this is put right/,
  )
  await after(member, () => project.save(ROUTES, good), 'Dev mode: a saved change')
  await member.waitForLine(FIRED)
  expect(member.lines.matching('Started leader-election')).toHaveLength(1)
  expect(await member.stop()).toMatchObject({ code: 0 })
})
