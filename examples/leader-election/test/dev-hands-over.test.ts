import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { expect, it } from 'vitest'
import { after, CHANGED, DevProject, MISTAKE } from './dev-project.ts'

const APPLICATION = 'src/application.ts'

it('a module whose options were replaced goes on behind runApplication, the last one when all has stopped', async test => {
  const project = new DevProject(test)
  const text = `let generation = 0\n${project.read(APPLICATION)}\nconsole.log('over', generation)\n`
  project.save(APPLICATION, text)
  const member = await project.start()
  await after(member, () => project.save(APPLICATION, text.replace('= 0', '= 1')), CHANGED)
  await member.waitForLine('over 0')
  expect(member.lines.matching('over 1')).toEqual([])
  await member.stop()
  const said = member.lines.all.map(({ text }) => text)
  expect(said.indexOf('over 1')).toBeGreaterThan(said.findIndex(text => text.includes('Stopped in')))
})

it('a module that imports the one that calls runApplication will do: its change changes nothing', async test => {
  const project = new DevProject(test)
  project.edit('src/dev.ts', './application.ts', './main.ts')
  const member = await project.start()
  const save = () => project.save('src/main.ts', `${project.read('src/main.ts')}console.log('loaded again')\n`)
  expect(await after(member, save, CHANGED)).toMatch(/: 2 routes go on$/)
  const edit = () => project.edit('src/routes.ts', 'HeartBeating', 'Beating')
  expect(await after(member, edit, CHANGED)).toMatch(/replaced heartbeat; 1 route goes on$/)
})

it('an application that calls it never or twice, or is not there, is told so', async test => {
  const project = new DevProject(test)
  const good = project.read(APPLICATION)
  project.save(APPLICATION, "console.log('nothing to run')\n")
  const member = await project.spawn()
  expect((await member.waitForLine(MISTAKE)).text).toMatch(/application\.ts has not called runApplication/)
  expect(await after(member, () => rmSync(project.path(APPLICATION)), MISTAKE)).toMatch(
    /application\.ts is not there; it starts when/,
  )
  await after(member, () => project.save(APPLICATION, good), 'Dev mode: a saved change')
  const twice = good.replace(
    'await runApplication(',
    'const run = (o: Parameters<typeof runApplication>[0]) => Promise.all([runApplication(o), runApplication(o)])\nawait run(',
  )
  expect(await after(member, () => project.save(APPLICATION, twice), MISTAKE)).toMatch(
    /leader-election is a second application in this process: dev mode runs one/,
  )
  await after(member, () => project.save(APPLICATION, good), CHANGED)
  // A folder that is moved away and comes back.
  expect(await after(member, () => renameSync(project.path('src'), project.path('away')), MISTAKE)).toMatch(
    /is not there/,
  )
  await after(member, () => renameSync(project.path('away'), project.path('src')), CHANGED)
  const edit = () => project.edit('src/routes.ts', 'HeartBeating', 'Beating')
  expect(await after(member, edit, CHANGED)).toMatch(/replaced heartbeat/)
})

it('by a link, too, an application may be written after it was started', async test => {
  const project = new DevProject(test)
  const good = project.read(APPLICATION)
  rmSync(project.path(APPLICATION))
  symlinkSync(project.folder, project.path('link'))
  project.edit(
    'src/dev.ts',
    "new URL('./application.ts', import.meta.url)",
    `'${project.path('link/src/application.ts')}'`,
  )
  const member = await project.spawn()
  await member.waitForLine('is not there; it starts when')
  await after(member, () => project.save(APPLICATION, 'null.x'), /application\.ts:1:6: TypeError/)
  await after(member, () => project.save(APPLICATION, good), 'Dev mode: a saved change')
  await after(member, () => project.edit('src/routes.ts', 'HeartBeating', 'Beating'), CHANGED)
})

it('other components, or another name, are for the next start', async test => {
  const project = new DevProject(test)
  const member = await project.start()
  const line = 'restart for it to take effect'
  const name = () => project.edit(APPLICATION, "name: 'leader-election'", "name: 'another'")
  expect(await after(member, name, line)).toMatch(/the application is called another now/)
  const components = () => project.edit(APPLICATION, '[timer, master]', '[timer, { ...master }]')
  expect(await after(member, components, line)).toMatch(/the components of the application have changed/)
})
