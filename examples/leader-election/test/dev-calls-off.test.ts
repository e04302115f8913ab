import { expect, it } from 'vitest'
import { after, CHANGED, DevProject, MISTAKE } from './dev-project.ts'
import { FIRED } from './members.ts'

const ROUTES = 'src/routes.ts'
const SLOW = `import { defineComponent } from '@dromedary/core/component'
export const slow = defineComponent({
  scheme: 'slow', title: 'Never starts.', syntax: 'name', path: { name: 'Name.' }, consumes: true, produces: false,
  endpoint: ({ uri }) => ({
    uri,
    consumer: () => ({
      start: signal => new Promise((_, reject) => {
        console.log('starts')
        signal.addEventListener('abort', () => reject(new Error('given up')))
      }),
      quiesce() {},
      close() {},
    }),
  }),
})`

/** The example with a component whose consumers never start. */
function withSlow(project: DevProject): string {
  project.save('src/slow.ts', SLOW)
  project.edit('src/application.ts', 'components: [', 'components: [slow, ')
  project.edit('src/application.ts', 'import', "import { slow } from './slow.ts'\nimport")
  return project.read(ROUTES)
}

it('a start that does not come to an end is given up for the next save', async test => {
  const project = new DevProject(test)
  const good = withSlow(project)
  project.save(ROUTES, good.replace('timer:heartbeat?period=10s', 'slow:x'))
  const member = await project.spawn()
  await member.waitForLine('starts')
  await after(member, () => project.save(ROUTES, good), 'Dev mode: a saved change')
  await member.waitForLine(FIRED)
  expect(member.lines.matching(/ ERROR |given up/)).toEqual([])
  expect(member.lines.matching('Started leader-election')).toHaveLength(1)
})

it('so is a change whose new route does not come to the end of its start', { timeout: 60_000 }, async test => {
  const project = new DevProject(test)
  const good = withSlow(project)
  const member = await project.start()
  await member.waitForLine(FIRED)
  const more = "export const routes = [from('slow:x').routeId('slow').log('x'), "
  await after(member, () => project.save(ROUTES, good.replace('export const routes = [', more)), 'starts')
  await member.waitForLine(/ WARN .*A change is under way: .* What is saved now calls it off/)
  const from = member.lines.all.length
  expect(await after(member, () => project.save(ROUTES, good.replace('HeartBeating', 'Beating')), CHANGED)).toMatch(
    / replaced heartbeat; 1 route goes on$/,
  )
  await member.waitForLine('Beating route', { from })
  expect(member.lines.matching(MISTAKE)).toEqual([])
})
