import { startKubernetes } from '@dromedary/test-servers/kubernetes'
import type { Tarballs } from '../../../scripts/built-form.ts'
import type { Measurement } from '../measurement.ts'
import { cost, costFigures, costLines } from './cost.ts'
import { type Measured, measure, measuredLines } from './measured.ts'
import { type SimulatedLoad, simulate, simulatedLines } from './simulated.ts'

/** What members ask of the API server as they and their namespaces grow, and what the client of Kubernetes costs. */
export async function kubernetes(tarballs: Tarballs, quick: boolean): Promise<Measurement> {
  const simulated = await simulate(quick, report)
  await using server = await startKubernetes()
  const measured = await measure(server, quick, report)
  report('cost of the client')
  const costs = await cost(tarballs, server, quick)
  return {
    name: 'kubernetes',
    line: [...simulatedLines(simulated), ...measuredLines(measured), ...costLines(costs)].join('\n'),
    figures: { ...simulatedFigures(simulated), ...measuredFigures(measured), ...costFigures(costs) },
  }
}

/** All of it takes a quarter of an hour: somebody may wonder. */
const report = (line: string) => void process.stderr.write(`kubernetes: ${line}\n`)

const simulatedFigures = (loads: readonly SimulatedLoad[]): Record<string, number> =>
  Object.fromEntries(
    loads.map(({ size, total }) => [`${size.members}x${size.namespaces} simulated dromedary total`, total]),
  )

function measuredFigures({ idleCpu, loads }: Measured): Record<string, number> {
  const figures = Object.fromEntries(
    loads.flatMap(({ size, contender, leader, follower, total, watchesHeld, serverCpu }) => {
      const key = (what: string) => `${size.members}x${size.namespaces} measured ${contender} ${what}`
      return [
        [key('leader'), sum(leader)],
        [key('follower'), sum(follower)],
        [key('total'), total],
        [key('watches held'), watchesHeld],
        [key('server CPU s'), serverCpu],
      ]
    }),
  )
  return { 'idle server CPU s': idleCpu, ...figures }
}

const sum = (rates: Readonly<Record<string, number>>): number => Object.values(rates).reduce((a, b) => a + b, 0)
