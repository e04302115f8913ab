import { fileURLToPath } from 'node:url'
import { sleep, systemClock } from '@dromedary/core'
import { describe, expect, it } from 'vitest'
import { example, FIRED, LEADS } from './members.ts'
import { OBSERVED, probe } from './observed.ts'

const STRANGE = fileURLToPath(new URL('fixtures/observed.ts', import.meta.url))

/** The failure of the fixture has it in its text; no answer may. */
const SECRET = 'swordfish'

describe('two members', { timeout: 60_000 }, () => {
  it('are both ready and live, before and after the leader dies; each tells who leads', async test => {
    const members = example(test)
    const first = await members.spawn('node.id=first', ...OBSERVED)
    await first.waitForLine(FIRED)
    const second = await members.spawn('node.id=second', ...OBSERVED)
    await second.waitForLine('leader of camel-master is first')
    const [one, two] = [await probe(first), await probe(second)]
    for (const path of ['health', 'health/live', 'health/ready']) {
      await expect.poll(async () => [path, await one.status(path), await two.status(path)]).toEqual([path, 200, 200])
    }
    expect(JSON.parse((await two.get('health/ready')).body).checks).toContainEqual({
      name: 'consumer:clustered',
      status: 'UP',
      data: { 'route.id': 'clustered', readiness: 'standby-ready' },
    })
    const [leads, follows] = [await one.leader(), await two.leader()]
    expect(leads).toMatchObject({
      role: 'leader',
      isLeader: true,
      leader: 'first',
      lastChange: { reason: 'first election' },
    })
    expect(follows).toMatchObject({
      role: 'follower',
      isLeader: false,
      leader: 'first',
      term: leads.term,
      renewAgeMs: null,
    })
    expect(leads.renewAgeMs).toBeLessThan(5_000)
    expect(leads.remainingMs).toBeGreaterThan(0)
    expect([
      await one.metric('dromedary_leadership_is_leader'),
      await two.metric('dromedary_leadership_is_leader'),
    ]).toEqual([1, 0])

    // Asked all the time: the standby is never not ready, nor not live.
    const seen = new Set<string>()
    let asking = true
    const asked = (async () => {
      while (asking) for (const path of ['health/live', 'health/ready']) seen.add(`${path} ${await two.status(path)}`)
    })()
    first.kill()
    await second.waitForLine(LEADS)
    await second.waitForLine(FIRED)
    asking = false
    await asked
    expect([...seen].toSorted()).toEqual(['health/live 200', 'health/ready 200'])

    const next = await two.leader()
    expect(next).toMatchObject({ role: 'leader', isLeader: true, leader: 'second' })
    expect(BigInt(next.term)).toBeGreaterThan(BigInt(leads.term))
    expect(next.lastChange.leaderlessMs).toBeGreaterThan(0)
    expect(await two.metric('dromedary_leadership_is_leader')).toBe(1)
    expect(await two.metric('dromedary_leadership_transitions_total')).toBe(2)
    expect(await two.metric('dromedary_leadership_seconds_without_leader_total')).toBeGreaterThan(0)
    expect(await two.metric('dromedary_leadership_term')).toBe(Number(next.term))

    const stopping = second.stop()
    await expect(stopping).resolves.toMatchObject({ code: 0 })
  })
})

describe('a member', { timeout: 60_000 }, () => {
  it('whose loop is blocked fails liveness, readiness and the rest by an answer, not by a silence, until it goes on', async test => {
    const member = await example(test, STRANGE).spawn('wrong=blocks', 'observe.blocked-loop-limit=1s', ...OBSERVED)
    const at = await probe(member)
    await member.waitForLine('Started')
    expect(await at.status('health/live')).toBe(200)
    await expect.poll(() => at.status('health/live'), { interval: 50 }).toBe(503)
    const { body } = await at.get('health/live')
    expect(JSON.parse(body).checks[0]).toMatchObject({
      name: 'event-loop',
      status: 'DOWN',
      data: { 'limit.ms': 1_000 },
    })
    const [ready, leader] = await Promise.all([at.get('health/ready'), at.get('leader')])
    expect([ready.status, leader.status]).toEqual([503, 503])
    expect(ready.body).toContain('the event loop gave no answer')
    await expect.poll(() => at.status('health/live'), { interval: 50 }).toBe(200)
    expect(await at.status('health/ready')).toBe(200)
  })

  it('whose delegate cannot start resigns and stands back, and is ready and live all the time', async test => {
    const members = example(test, STRANGE)
    const member = await members.spawn('wrong=broken', 'node.id=ill', ...OBSERVED)
    const at = await probe(member)
    await expect.poll(() => at.status('health/ready')).toBe(200)
    const seen = new Set<string>()
    await expect
      .poll(
        async () => {
          for (const path of ['health', 'health/live', 'health/ready']) seen.add(`${path} ${await at.status(path)}`)
          return (await at.leader()).role
        },
        { interval: 20 },
      )
      .toBe('standing-back')
    const well = await members.spawn('wrong=nothing', 'node.id=well', ...OBSERVED)
    await well.waitForLine(FIRED)
    await expect.poll(async () => (await at.leader()).leader).toBe('well')
    const other = await probe(well)
    expect(await other.leader()).toMatchObject({ role: 'leader', isLeader: true })
    for (const path of ['health', 'health/live', 'health/ready']) {
      seen.add(`${path} ${await at.status(path)}`)
      expect([path, await other.status(path)]).toEqual([path, 200])
    }
    expect([...seen].toSorted()).toEqual(['health 200', 'health/live 200', 'health/ready 200'])
    for (const path of ['health', 'leader', 'metrics']) expect((await at.get(path)).body).not.toContain(SECRET)
  })

  it('whose work goes on beyond the end of its term fails liveness, where it does not end by itself', async test => {
    const members = example(test, STRANGE)
    const settings = ['cluster.overrun=resign', 'cluster.file.stale=2s', 'shutdown.timeout=1s']
    const member = await members.spawn('wrong=hangs', ...settings, ...OBSERVED)
    const at = await probe(member)
    await expect.poll(() => at.metric('camel_exchanges_inflight')).toBe(1)
    expect(await at.status('health/live')).toBe(200)
    // Longer than its lease: it wakes up and has lost it.
    member.pause()
    await sleep(systemClock, 2_500)
    member.resume()
    await expect.poll(() => at.status('health/live')).toBe(503)
    expect(JSON.parse((await at.get('health/live')).body).checks[1]).toMatchObject({
      name: 'drain',
      status: 'DOWN',
      data: { 'camel-master/wrong': expect.stringContaining('still works on term') },
    })
    expect(await at.status('health/ready')).toBe(200)
  })

  it('that finds its port in use says so in one line, and ends with 1', async test => {
    const members = example(test)
    const first = await members.spawn(...OBSERVED)
    const port = /:(\d+)\/observe/.exec((await first.waitForLine('are told at')).text)?.[1]
    const second = await members.spawn('observe.enabled=true', `observe.port=${port}`)
    expect(await second.exited).toMatchObject({ code: 1 })
    const lines = second.lines.all.map(({ text }) => text)
    expect(lines).toEqual([
      expect.stringMatching(
        / ERROR \[main\] .* DROMEDARY_OBSERVE_ADDRESS: cannot listen on 127\.0\.0\.1, port \d+: the port is in use/,
      ),
    ])
  })
})
