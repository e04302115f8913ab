import { renameSync, rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DevProject } from './dev-project.ts'
import { LEADS } from './members.ts'

const ROUTES = 'src/routes.ts'

const text = (generation: number): string => `import { from } from '@dromedary/core'
export const routes = [
  from('timer:storm?period=20&delay=0').routeId('storm').log('storm ${generation} of it'),
  from('master:{{node.namespace}}:timer:led?period=1s').routeId('led').log('led'),
]
`

/** What an editor, a tool or a person may do to a file. */
const acts: readonly ((project: DevProject, generation: number) => void)[] = [
  (project, generation) => project.save(ROUTES, text(generation)),
  (project, generation) => project.saveByRename(ROUTES, text(generation)),
  (project, generation) => project.save(ROUTES, text(generation).slice(0, 90)),
  (project, generation) => project.save(ROUTES, `${text(generation)}const x = (`),
  (project, generation) => project.save(ROUTES, text(generation).replace('timer:storm', 'tmier:storm')),
  (project, generation) => project.save(ROUTES, `${text(generation)}await new Promise(() => {})\n`),
  project => project.save(ROUTES, ''),
  project => rmSync(project.path(ROUTES), { force: true }),
  project => {
    renameSync(project.path('src'), project.path('away'))
    renameSync(project.path('away'), project.path('src'))
  },
  (project, generation) =>
    project.save('application.yaml', `node.namespace: camel-master\ngeneration: ${generation}\n`),
  project => project.save('application.yaml', 'node.namspace: [\n'),
]

it('after a storm of saves, whole and broken, what was saved last runs, and the leader leads on', {
  timeout: 300_000,
}, async test => {
  const project = new DevProject(test)
  project.save(ROUTES, text(0))
  const member = await project.start()
  await member.waitForLine(LEADS)
  let generation = 0
  const step = fc.record({ act: fc.nat(acts.length - 1), gap: fc.oneof(fc.constant(0), fc.nat(60), fc.nat(400)) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async steps => {
      for (const { act, gap } of steps) {
        acts[act]?.(project, ++generation)
        await wait(gap)
      }
      const last = ++generation
      project.save('application.yaml', 'node.namespace: camel-master\n')
      project.save(ROUTES, text(last))
      await member.waitForLine(`storm ${last} of it`, { within: 20_000 })
    }),
    { numRuns: 12, endOnFailure: true },
  )
  expect(member.lines.matching(LEADS)).toHaveLength(1)
  expect(await member.stop()).toMatchObject({ code: 0 })
})
