import type { MemberProcess } from '@dromedary/testing/harness'
import { describe, expect, it, type TestContext } from 'vitest'
import { example, FIRED, fired, LEADS } from './members.ts'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

const errors = (...members: MemberProcess[]) => members.flatMap(member => member.lines.matching(/ ERROR |^\s+at /))

/** The first leads and has fired; the second is up and has had its heartbeat. */
async function twoMembers(test: TestContext, ...settings: string[]) {
  const members = example(test)
  const first = await members.spawn(...settings)
  await first.waitForLine(FIRED)
  const second = await members.spawn(...settings)
  await second.waitForLine('HeartBeating route')
  return { first, second }
}

describe.concurrent('two terminals', { timeout: 40_000 }, () => {
  it('the first fires both routes with its own UUID, in the shape of the log of Camel Quarkus; the second only heartbeats', async test => {
    const { first, second } = await twoMembers(test)
    const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}'
    const place = 'Dromedary \\(leader-election\\) - timer://'
    const [clustered] = first.lines.matching(FIRED)
    const [heartbeat] = first.lines.matching('HeartBeating')
    expect(clustered).toMatch(
      new RegExp(
        `^${time} INFO {2}\\[clustered\\] \\(${place}clustered\\) Clustered route \\(timer\\) ${UUID} \\.\\.\\.$`,
      ),
    )
    expect(heartbeat).toMatch(
      new RegExp(
        `^${time} INFO {2}\\[heartbeat\\] \\(${place}heartbeat\\) HeartBeating route \\(timer\\) ${UUID} \\.\\.\\.$`,
      ),
    )
    expect(clustered?.match(UUID)?.[0]).toBe(heartbeat?.match(UUID)?.[0])
    expect(second.lines.matching('HeartBeating')[0]?.match(UUID)?.[0]).not.toBe(heartbeat?.match(UUID)?.[0])
    expect(fired(second)).toBe(0)
    expect(errors(first, second)).toEqual([])
  })

  it.for([
    ['SIGINT', 130, null],
    ['SIGTERM', 0, null],
    ['SIGKILL', null, 'SIGKILL'],
  ] as const)('%s to the first: it ends as it should, and the second leads', async ([signal, code, killedBy], test) => {
    const { first, second } = await twoMembers(test)
    first.signal(signal)
    const { text } = await second.waitForLine(LEADS, { within: 20_000 })
    // How it ended, and how long nobody led.
    expect(text).toMatch(
      signal === 'SIGKILL' ? /without a leader \(.*(ended|died|dead).*\)/ : /without a leader \(released\)/,
    )
    expect(await first.exited).toMatchObject({ code, signal: killedBy })
    await second.waitForLine(FIRED)
    expect(errors(first, second)).toEqual([])
  })

  it('SIGSTOP to the first: the second leads after stale; the first never fires again before it leads anew', async test => {
    const { first, second } = await twoMembers(
      test,
      'cluster.file.stale=2s',
      'cluster.file.acquire-lock-interval=200ms',
    )
    first.pause()
    const stopped = performance.now()
    const { text } = await second.waitForLine(LEADS, { within: 4_000 })
    // Not the default of 5 s: both settings have reached the service.
    expect(performance.now() - stopped).toBeLessThan(2_000 + 200 + 1_000)
    expect(text).toMatch(/without a leader \(stale/)
    await second.waitForLine(FIRED)
    const [before, index] = [fired(first), first.lines.all.length]
    first.resume()
    await first.waitForLine('leader of camel-master is', { from: index })
    await second.waitForLine(FIRED, { from: second.lines.all.length })
    expect(fired(first)).toBe(before)

    const led = first.lines.matching(LEADS).length
    second.kill()
    await first.waitForLine(LEADS, { from: first.lines.all.length })
    expect(first.lines.matching(LEADS)).toHaveLength(led + 1)
    await first.waitForLine(FIRED, { from: first.lines.all.length })
  })

  it('two processes with one NODE_ID are two members', async test => {
    const members = example(test)
    const first = await members.spawn('node.id=twin')
    await first.waitForLine(FIRED)
    const second = await members.spawn('node.id=twin')
    await second.waitForLine('HeartBeating route (timer) twin ...')
    expect(fired(second)).toBe(0)
    first.kill()
    await second.waitForLine('Clustered route (timer) twin ...')
  })
})
