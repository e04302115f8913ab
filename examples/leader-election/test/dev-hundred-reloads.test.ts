import type { MemberProcess } from '@dromedary/testing/harness'
import { expect, it, type TestContext } from 'vitest'
import { after, CHANGED, DevProject, MISTAKE } from './dev-project.ts'
import { LEADS } from './members.ts'

const RELOADS = 100

/** Does not change: numbers its exchanges, and hands each to a route that changes all the time. */
const FEED = `import { from } from '@dromedary/core'
let number = 0
export const feed = from('master:{{node.namespace}}:timer:feed?period=10&delay=0')
  .routeId('feed')
  .process(exchange => exchange.setProperty('number', number++))
  .log('sends ' + '\${exchangeProperty.number}')
  .to('direct:work')
  .log('has sent ' + '\${exchangeProperty.number} term \${exchangeProperty.DromedaryClusterTerm}')
`

/** Changes: the called route, and a master: route of its own that fires as fast. */
const routesText = (generation: number): string => `import { setTimeout } from 'node:timers/promises'
import { from } from '@dromedary/core'
import { feed } from './feed.ts'
let fired = 0
export const routes = [
  feed,
  from('direct:work').routeId('work').process(() => setTimeout(3)).log('works on \${exchangeProperty.number} in generation ${generation}'),
  from('master:{{node.namespace}}:timer:clustered?period=15&delay=0')
    .routeId('clustered')
    .process(exchange => exchange.setProperty('fired', '${generation}-' + fired++))
    .log('begins \${exchangeProperty.fired}')
    .process(() => setTimeout(5))
    .log('ends \${exchangeProperty.fired} term \${exchangeProperty.DromedaryClusterTerm}'),
]
`

/** What a group says in each line that matches. */
const all = (member: MemberProcess, pattern: RegExp): string[] =>
  member.lines.all.flatMap(({ text }) => pattern.exec(text)?.[1] ?? [])

function project(test: TestContext, root?: string): DevProject {
  const made = new DevProject(test, root)
  made.save('src/feed.ts', FEED)
  made.save('src/routes.ts', routesText(0))
  return made
}

it('over a hundred reloads of both members the leader leads on, and no exchange is lost or run by both', {
  timeout: 300_000,
}, async test => {
  const first = project(test)
  const second = project(test, first.root)
  const leader = await first.start()
  await leader.waitForLine('ends 0-')
  const follower = await second.start()
  await follower.waitForLine('leader of camel-master is ')

  for (let generation = 1; generation <= RELOADS; generation++) {
    const text = routesText(generation)
    await Promise.all([
      after(leader, () => first.save('src/routes.ts', text), CHANGED),
      after(follower, () => second.saveByRename('src/routes.ts', text), CHANGED),
    ])
    await leader.waitForLine(`ends ${generation}-`)
    await leader.waitForLine(new RegExp(`works on \\d+ in generation ${generation}$`))
  }
  expect(await leader.stop()).toMatchObject({ code: 0 })
  // Only now is there anything for the other one.
  await follower.waitForLine('has sent 0 term')

  // Each exchange of the feed once, in the order of its sending, and nothing failed.
  const sent = all(leader, /\] .* sends (\d+)$/)
  expect(sent).toEqual(sent.map((_, number) => String(number)))
  expect(sent.length).toBeGreaterThan(RELOADS)
  expect(all(leader, /works on (\d+) in generation/)).toEqual(sent)
  expect(all(leader, /has sent (\d+) term/)).toEqual(sent)
  // Each exchange of the route that was replaced ended, in the term in which all began.
  const begun = all(leader, /begins (\d+-\d+)$/)
  expect(all(leader, /ends (\d+-\d+) term/)).toEqual(begun)
  expect(new Set(begun.map(id => id.split('-')[0])).size).toBe(RELOADS + 1)
  const terms = new Set(all(leader, /(?:ends|has sent) \S+ term (\d+)$/))
  expect(terms.size).toBe(1)
  expect(leader.lines.matching(LEADS)).toHaveLength(1)
  expect(leader.lines.matching(MISTAKE)).toEqual([])

  // The other one did nothing before it led, in a later term, and led once.
  const led = follower.lines.all.findIndex(({ text }) => text.includes(LEADS))
  const worked = follower.lines.all.findIndex(({ text }) => /sends \d+$|begins \S+$/.test(text))
  expect(follower.lines.matching(CHANGED)).toHaveLength(RELOADS)
  expect(worked).toBeGreaterThan(-1)
  expect(led).toBeGreaterThan(-1)
  const [theirs] = all(follower, /(?:ends|has sent) \S+ term (\d+)$/)
  expect(BigInt(theirs as string)).toBeGreaterThan(BigInt([...terms][0] as string))
  expect(follower.lines.matching(LEADS)).toHaveLength(1)
})
