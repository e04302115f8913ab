import { expect, it } from 'vitest'
import { MeteredProgram } from '../src/metrics/contenders.ts'

it('runs each route with metrics on, whose scrapes are answered meanwhile, and proves its work', async () => {
  await using program = await MeteredProgram.start('on')
  await program.scrape()
  for (const route of ['R1', 'R7'] as const) {
    const { count, cpuNanoseconds } = await program.window(route, 2_000)
    expect([route, count >= 2_000, cpuNanoseconds > 0]).toEqual([route, true, true])
  }
  await program.scrape()
  expect(program.scrapes).toBe(2)
})
