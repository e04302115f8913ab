import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FakeClock, memoryCluster } from '../src/index.ts'

it('the first example of the README does what it says', async () => {
  const clock = new FakeClock()
  const cluster = memoryCluster({ clock })
  const [one, two] = [cluster.member({ id: 'one' }), cluster.member({ id: 'two' })]
  const leaders: string[] = []
  for (const member of [one, two]) {
    await member.start()
    member.campaign('orders', { participant: 'my route' }).leadership.subscribe(leadership => {
      if (leadership) leaders.push(`${member.self.id} leads`)
    })
    await clock.advance(100)
  }
  one.kill()
  await clock.advance(20_000)
  expect(leaders).toEqual(['one leads', 'two leads'])
})

it('and the README has that very example', () => {
  const squeezed = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8').replaceAll(/\s+/g, ' ')
  const [, example = ''] = squeezed('readme.test.ts').split(/async \(\) => \{ (?=const clock)/)
  const [body = ''] = example.split(' expect(leaders)')
  expect(body).toContain('one.kill()')
  expect(squeezed('../README.md')).toContain(body)
})
