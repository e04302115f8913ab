import { expect, it } from 'vitest'
import { AFTER_RELEASE_MS, AFTER_STATUS_MS } from './support/bounds.ts'
import { exampleNamespace, FIRED, LEASE, type Member } from './support/members.ts'
import { MAY_NOT } from './support/rights.ts'

const fired = ({ process }: Member) => process.lines.matching(FIRED).length

it('the other one leads once the leader was stopped, or its container has ended; the Role suffices for that', async test => {
  const example = await exampleNamespace(test)
  const { cluster, namespace, user } = example
  const mark = cluster.owned ? cluster.auditMark() : 0
  const lease = `${namespace}/${LEASE}`

  const a = await example.start('example-a')
  const first = await a.elected()
  expect(first).toMatchObject({ id: 'example-a', pod: 'example-a', lease, reason: 'first election' })
  await a.sees(`${FIRED} example-a ...`)

  const b = await example.start('example-b')
  await b.sees(`leader of camel-master is example-a, pod example-a, Lease ${lease}, term ${first.term}`)
  await b.sees('HeartBeating route (timer) example-b ...')
  expect(fired(b)).toBe(0)

  a.process.signal('SIGTERM')
  const second = await b.elected()
  const { at: drained } = await a.sees(' stopped consuming ')
  expect(second).toMatchObject({ id: 'example-b', pod: 'example-b', lease, reason: 'released' })
  expect(second.term).toBeGreaterThan(first.term)
  expect(second.at - drained).toBeLessThan(AFTER_RELEASE_MS)
  await b.sees(`${FIRED} example-b ...`)
  expect(await a.process.exited).toMatchObject({ code: 0 })

  const c = await example.start('example-c')
  await c.sees('HeartBeating route (timer) example-c ...')
  await example.containerIsKnown(b)
  const crashed = await b.crash()
  const third = await c.elected()
  expect(third).toMatchObject({ id: 'example-c', pod: 'example-c', lease, reason: 'its container terminated' })
  expect(third.term).toBeGreaterThan(second.term)
  expect(third.at - crashed).toBeLessThan(AFTER_STATUS_MS)
  await c.sees(`${FIRED} example-c ...`)

  const lines = [a, b, c].flatMap(({ process }) => process.lines.all.map(({ text }) => text))
  expect(lines.filter(line => line.includes(MAY_NOT) || / (WARN|ERROR) |^\s+at /.test(line))).toEqual([])
  if (cluster.owned) expect(cluster.audit(mark, { user, code: 403 })).toEqual([])
})
