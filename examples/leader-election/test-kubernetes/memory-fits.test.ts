import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { deployment } from './support/manifests.ts'
import { exampleNamespace, FIRED, type Member } from './support/members.ts'

/** The most that the whole process ever had resident, MiB. */
const peakOf = ({ process }: Member): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${process.pid}/status`, 'utf8'))?.[1]) / 1024

/** `192Mi` of a manifest. */
const mebibytes = (quantity: string | undefined): number => Number(/^(\d+)Mi$/.exec(quantity ?? '')?.[1])

// Run from its sources, a member takes 40 MiB more than in an image: Node strips the types.
it.runIf(process.platform === 'linux')('leader and follower take less than two thirds of their limit', async test => {
  const example = await exampleNamespace(test)
  const leader = await example.start('example-a')
  await leader.sees(FIRED)
  const follower = await example.start('example-b')
  await follower.sees('HeartBeating')
  const limit = mebibytes(deployment.spec.template.spec.containers[0]?.resources.limits['memory'])
  for (const member of [leader, follower]) expect(peakOf(member)).toBeLessThan((limit * 2) / 3)
})
