import { expect, it } from 'vitest'
import { after, CHANGED, DevProject } from './dev-project.ts'
import { FIRED } from './members.ts'

const ROUTES = 'src/routes.ts'
const HANGS = '\nawait new Promise(() => {})\n'
const SLOW = `import { setTimeout } from 'node:timers/promises'
import { from } from '@dromedary/core'
export const routes = [
  from('timer:slow?period=60s&delay=0').routeId('slow').log('begins TEXT').process(() => setTimeout(2_000)).log('has ended TEXT'),
]
`

it('Ctrl-C drains as always, and a second one changes nothing', async test => {
  const project = new DevProject(test)
  project.save(ROUTES, SLOW)
  const member = await project.start()
  await member.waitForLine('begins TEXT')
  member.signal('SIGINT')
  await member.waitForLine('SIGINT: stopping')
  member.signal('SIGINT')
  member.signal('SIGTERM')
  expect(await member.exited).toMatchObject({ code: 130 })
  expect(member.lines.matching('has ended TEXT')).toHaveLength(1)
})

it('Ctrl-C during a change that waits for an exchange lets that exchange end', async test => {
  const project = new DevProject(test)
  project.save(ROUTES, SLOW)
  const member = await project.start()
  await member.waitForLine('begins TEXT')
  project.save(ROUTES, SLOW.replaceAll('TEXT', 'NEW'))
  // The change has begun when the route takes nothing new; there is no line for that.
  await member.waitForLine(/\[slow\]|\[dev\]/, { from: member.lines.all.length, within: 500 }).catch(() => {})
  member.signal('SIGINT')
  expect(await member.exited).toMatchObject({ code: 130 })
  expect(member.lines.matching('has ended TEXT')).toHaveLength(1)
  expect(member.lines.matching('begins NEW')).toHaveLength(0)
})

it('a module that hangs while it is loaded holds nothing up: neither what runs, nor the next save, nor Ctrl-C', async test => {
  const project = new DevProject(test)
  const good = project.read(ROUTES)
  const member = await project.start()
  await member.waitForLine(FIRED)
  await project.save(ROUTES, `console.log('hangs')\n${good}${HANGS}`)
  await member.waitForLine('hangs')
  await member.waitForLine(FIRED, { from: member.lines.all.length })
  await after(member, () => project.save(ROUTES, good.replace('HeartBeating', 'Beating')), CHANGED)
  await member.waitForLine('Beating route')
  project.save(ROUTES, `console.log('hangs again')\n${good}${HANGS}`)
  await member.waitForLine('hangs again')
  member.signal('SIGINT')
  expect(await member.exited).toMatchObject({ code: 130 })
  expect(member.lines.matching(/Stopped in \d+ ms/)).toHaveLength(1)
  expect(member.lines.matching('still held the process')).toEqual([])
})

it('Ctrl-C ends a process whose first load hangs', async test => {
  const project = new DevProject(test)
  project.save('src/application.ts', `console.log('hangs')${HANGS}`)
  const member = await project.spawn()
  await member.waitForLine('hangs')
  member.signal('SIGINT')
  expect(await member.exited).toMatchObject({ code: 130, signal: null })
})

it('a module of routes that hangs at the start is given up for the next save', async test => {
  const project = new DevProject(test)
  const good = project.read(ROUTES)
  project.save(ROUTES, `console.log('hangs')\n${good}${HANGS}`)
  const member = await project.spawn()
  await member.waitForLine('hangs')
  await after(member, () => project.save(ROUTES, 'x x'), / SyntaxError: .*it starts when this is put right$/)
  await after(member, () => project.save(ROUTES, `console.log('hangs again')\n${good}${HANGS}`), 'hangs again')
  await after(member, () => project.save(ROUTES, good), 'Dev mode: a saved change')
  await after(member, () => project.save(ROUTES, good.replace('HeartBeating', 'Beating')), CHANGED)
  expect(member.lines.matching('Started leader-election')).toHaveLength(1)
  expect(await member.stop()).toMatchObject({ code: 0 })
})
