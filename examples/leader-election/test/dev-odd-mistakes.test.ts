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
