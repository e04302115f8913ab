import type { MemberProcess } from '@dromedary/testing/harness'
import { expect, it } from 'vitest'
import { deployment } from '../test-kubernetes/support/manifests.ts'
import { example, LEADS, set } from './members.ts'

const { metadata, spec } = deployment.spec.template
const [container] = spec.containers
if (container === undefined) throw new Error('the Deployment has no container')
const { env, startupProbe, readinessProbe, livenessProbe } = container

/** What the Deployment says of observability, but for the port: these processes share one host. */
const OBSERVE = {
  ...Object.fromEntries(env.filter(one => one.name.startsWith('OBSERVE_')).map(one => [one.name, one.value ?? ''])),
  OBSERVE_HOST: '127.0.0.1',
  OBSERVE_PORT: '0',
}

const addressOf = async (member: MemberProcess): Promise<string> => {
  const { text } = await member.waitForLine(/ told at (http:\S+)\/observe/, { within: 40_000 })
  return / (http:\S+)\/observe/.exec(text)?.[1] ?? ''
}

it('kubelet and Prometheus get answers where they ask, from the leader and from the follower', {
  timeout: 90_000,
}, async test => {
  const { root, run } = example(test)
  const args = set(`cluster.file.root=${root}`)
  const leader = await run(args, { ...OBSERVE, NODE_ID: 'a' })
  await leader.waitForLine(LEADS, { within: 40_000 })
  const follower = await run(args, { ...OBSERVE, NODE_ID: 'b' })
  await follower.waitForLine('leader of camel-master is a,', { within: 40_000 })

  const paths = [startupProbe, readinessProbe, livenessProbe].map(probe => probe.httpGet.path)
  for (const member of [leader, follower]) {
    const address = await addressOf(member)
    for (const path of [...paths, metadata.annotations['prometheus.io/path']]) {
      expect({ path, status: (await fetch(address + path)).status }).toEqual({ path, status: 200 })
    }
    expect(await (await fetch(`${address}/observe/leader`)).json()).toMatchObject({
      namespaces: [{ namespace: 'camel-master', leader: 'a', isLeader: member === leader }],
    })
  }
})
