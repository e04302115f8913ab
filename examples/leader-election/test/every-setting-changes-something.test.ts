import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep, systemClock } from '@dromedary/core'
import { describe, expect, it } from 'vitest'
import { example, FIRED, LEADS, set, temporaryFolder } from './members.ts'

describe('node', () => {
  it('node.namespace names what is led; members of two namespaces both lead', async test => {
    const members = example(test)
    const [one, two] = [await members.spawn(), await members.spawn('node.namespace=other')]
    await one.waitForLine(LEADS)
    await two.waitForLine('leader of other is this member')
  })

  it('node.id is what the routes print and what others call the leader', async test => {
    const members = example(test)
    const one = await members.spawn('node.id=alpha')
    await one.waitForLine('Clustered route (timer) alpha ...')
    const two = await members.spawn('node.id=beta')
    await two.waitForLine('leader of camel-master is alpha')
    await two.waitForLine('HeartBeating route (timer) beta ...')
  })
})

describe('example.routes', () => {
  it('runs the typed form', async test => {
    const member = await example(test).spawn('example.routes=typed')
    await member.waitForLine('[clustered] (Dromedary (leader-election) - timer://clustered)')
  })
})

describe('cluster.file.root', () => {
  it('is printed in full; where it is, the members meet', async test => {
    const members = example(test)
    const member = await members.spawn()
    const { text } = await member.waitForLine('Started leader-election')
    expect(text).toContain(`cluster file in ${members.root},`)
    expect(readdirSync(members.root).length).toBeGreaterThan(0)
  })

  it('is relative to the folder of the configuration file, never to the working directory', async test => {
    const folder = temporaryFolder(test)
    mkdirSync(join(folder, 'etc'))
    writeFileSync(join(folder, 'etc', 'app.yaml'), 'node.namespace: camel-master\ncluster.file.root: meet/here\n')
    const member = await example(test).run(['--config', join(folder, 'etc', 'app.yaml')])
    const { text } = await member.waitForLine('Started leader-election')
    expect(text).toContain(
      `cluster file in ${join(folder, 'etc', 'meet', 'here')}, configuration ${join(folder, 'etc', 'app.yaml')}`,
    )
    expect(existsSync(join(folder, 'etc', 'meet', 'here'))).toBe(true)
  })

  it('comes from the environment, too, but --set wins; variables that only look like ours are nothing', async test => {
    const members = example(test)
    const folder = temporaryFolder(test)
    const env = {
      CLUSTER_FILE_ROOT: join(folder, 'e'),
      CLUSTER_SERVICE_HOST: '10.0.0.1',
      CLUSTER_FILE_PORT: '80',
      NODE_ID: 'from-env',
    }
    const one = await members.run([], env)
    const { text } = await one.waitForLine('Started leader-election')
    expect(text).toContain(`node from-env, cluster file in ${join(folder, 'e')},`)
    const two = await members.run(set(`cluster.file.root=${join(folder, 's')}`), env)
    expect((await two.waitForLine('Started leader-election')).text).toContain(`cluster file in ${join(folder, 's')},`)
  })
})

describe.concurrent('the times of cluster.file', { timeout: 40_000 }, () => {
  it('acquire-lock-delay: how long a member waits before it competes, in both spellings', async test => {
    for (const key of ['acquire-lock-delay', 'acquireLockDelay']) {
      const member = await example(test).spawn(`cluster.file.${key}=700ms`)
      const started = await member.waitForLine('Started leader-election')
      const leads = await member.waitForLine(LEADS)
      expect(leads.at - started.at).toBeGreaterThan(500)
    }
  })

  it('update: how often the holder renews', async test => {
    const renewals = async (update: string): Promise<number> => {
      const members = example(test)
      const member = await members.spawn(`cluster.file.update=${update}`, 'cluster.file.stale=20s')
      await member.waitForLine(LEADS)
      const lock = join(members.root, 'camel-master.lock')
      const record = join(lock, readdirSync(lock)[0] as string)
      const first = statSync(record).mtimeMs
      // The clustered route fires after one second, and then after five more.
      await member.waitForLine(FIRED)
      await member.waitForLine('HeartBeating')
      await sleep(systemClock, 1_500)
      return statSync(record).mtimeMs - first
    }
    expect(await renewals('1s')).toBeGreaterThan(0)
    expect(await renewals('8s')).toBe(0)
  })

  it('stale and acquire-lock-interval: how soon a frozen leader is followed', async test => {
    const takenAfter = async (...settings: string[]): Promise<number> => {
      const members = example(test)
      const first = await members.spawn(...settings)
      await first.waitForLine(LEADS)
      const second = await members.spawn(...settings)
      await second.waitForLine('Started leader-election')
      const { at: started } = await second.waitForLine('leader of camel-master is')
      first.pause()
      return (await second.waitForLine(LEADS)).at - started
    }
    const [short, long] = await Promise.all([
      takenAfter('cluster.file.stale=2s', 'cluster.file.acquire-lock-interval=200ms'),
      takenAfter('cluster.file.stale=4s', 'cluster.file.acquire-lock-interval=200ms'),
    ])
    expect(short).toBeLessThan(3_500)
    expect(long).toBeGreaterThan(3_500)
  })
})

describe('log', () => {
  it('log.format=json gives the lines of pino', async test => {
    const member = await example(test).spawn('log.format=json', 'node.id=alpha')
    const { text } = await member.waitForLine('Clustered route')
    expect(JSON.parse(text)).toMatchObject({
      level: 30,
      category: 'clustered',
      context: 'leader-election',
      origin: 'timer://clustered',
      msg: 'Clustered route (timer) alpha ...',
    })
    await member.stop()
    for (const line of member.lines.all) expect(() => JSON.parse(line.text)).not.toThrow()
  })

  it('log.level and log.level.<category> decide what is written', async test => {
    const member = await example(test).spawn('log.level=warn', 'log.level.heartbeat=info')
    await member.waitForLine('HeartBeating')
    expect(member.lines.all.filter(({ text }) => !text.includes('[heartbeat]'))).toEqual([])
  })
})
