import { isDromedaryError, systemClock } from '@dromedary/core'
import { describe, expect, it } from 'vitest'
import {
  createKubernetesClusterService,
  type KubernetesClusterOptions,
  kubernetesCluster,
  kubernetesClusterOptions,
} from '../src/index.ts'
import { Log } from './support/log.ts'
import { Stage } from './support/stage.ts'

function refusal(options: unknown): string {
  try {
    createKubernetesClusterService(options as KubernetesClusterOptions)
  } catch (error) {
    if (isDromedaryError(error, 'DROMEDARY_CLUSTER_CONFIG')) return error.message
    throw error
  }
  throw new Error('was not refused')
}

describe('options that cannot work are refused in one sentence', () => {
  it.each([
    [{ leaseDuration: 'soon' }, /leaseDuration must be milliseconds or a duration/],
    [{ leaseDuration: 500 }, /leaseDuration must be at least 1000 ms/],
    [{ leaseDuration: 15_500 }, /leaseDuration \(15500 ms\) must be whole seconds, as in the Lease/],
    [{ leaseDuration: '61m', renewDeadline: '60m' }, /leaseDuration \(.*\) must be at most 1h/],
    [{ renewDeadline: 15_000 }, /renewDeadline \(15s\) must be shorter than leaseDuration \(15s\)/],
    [{ renewDeadline: 0 }, /renewDeadline must be at least/],
    [{ retryPeriod: 10 }, /retryPeriod must be at least 50 ms/],
    [
      { retryPeriod: '9s' },
      /renewDeadline \(10s\) must be longer than jitterFactor times retryPeriod \(10.*\), or one late/,
    ],
    [{ jitterFactor: 5 }, /must be longer than jitterFactor times retryPeriod \(10s\)/],
    [{ jitterFactor: 0.9 }, /jitterFactor must be at least 1/],
    [{ connectionTimeout: '10s' }, /connectionTimeout \(10s\) must be shorter than .*, or one request/],
    [{ connectionTimeout: 10 }, /connectionTimeout must be at least 50 ms/],
    [{ renewDeadline: 14_100 }, /only 400 ms are left after renewDeadline .*: 500 ms are needed to drain/],
    [{ leaseDuration: '2s', renewDeadline: 1_200, retryPeriod: 500 }, /of leaseDuration \(2s\) only 430 ms are left/],
    [{ leaseDuration: '2s', renewDeadline: 1_700, retryPeriod: 500 }, /DROMEDARY|cannot close after|are left/],
    [{ resourceName: 'Leaders' }, /resourceName "Leaders" must be of small letters, digits and dashes/],
    [{ resourceName: 'a'.repeat(230) }, /resourceName "a+" must be/],
    [{ earlyTakeover: 'always' }, /earlyTakeover must be/],
  ])('%j', (options, message) => {
    const said = refusal(options)
    expect(said).toMatch(message)
    expect(said).toMatch(/^The Kubernetes cluster service is configured wrongly: .*[^.]\.$|cannot close/)
  })

  it.each<KubernetesClusterOptions>([
    {},
    { leaseDuration: '3s', renewDeadline: '2s', retryPeriod: '500ms' },
    { leaseDuration: '1h', renewDeadline: '50m', retryPeriod: '10m' },
    { renewDeadline: 14_000 },
    { retryPeriod: 8_333 },
    { connectionTimeout: 6_999 },
  ])('%j is not', options => {
    expect(createKubernetesClusterService(options).id).toBe('kubernetes')
  })

  it('each has a sentence, and the defaults are those of client-go', () => {
    for (const [name, field] of Object.entries(kubernetesClusterOptions.shape)) {
      expect(field.description, name).toMatch(/\w{3}.*\.$/s)
    }
    expect(kubernetesClusterOptions.parse({})).toEqual({
      resourceName: 'dromedary',
      leaseDuration: 15_000,
      renewDeadline: 10_000,
      retryPeriod: 2_000,
      jitterFactor: 1.2,
      earlyTakeover: 'kubelet-status',
    })
  })
})

describe('each option changes something', () => {
  it('id: the name for people; without one a fresh one', async () => {
    expect(createKubernetesClusterService({ id: 'one' }).self.id).toBe('one')
    expect(createKubernetesClusterService().self.id).not.toBe(createKubernetesClusterService().self.id)
    const stage = new Stage()
    await stage.leader({ id: 'one' })
    expect([stage.note('member'), stage.members[0]?.state?.leader?.id]).toEqual(['one', 'one'])
  })

  it('resourceName: what the Lease is called, and its label', async () => {
    const stage = new Stage()
    await stage.leader({ resourceName: 'leaders' })
    expect(stage.cluster.leases().map(({ metadata }) => metadata.name)).toEqual(['leaders-ns'])
    expect(stage.cluster.lease('leaders-ns')?.metadata.labels).toMatchObject({ 'dromedary/cluster': 'leaders' })
  })

  it('podName: what the Lease says; without it HOSTNAME', async () => {
    const stage = new Stage()
    await stage.leader({ podName: 'app-0' })
    expect(stage.note('pod')).toBe('app-0')
    const other = new Stage()
    await other.leader({ podName: undefined as never, env: { HOSTNAME: 'from-env' } })
    expect(other.note('pod')).toBe('from-env')
  })

  it('leaseDuration: what the Lease says, and how long others wait', async () => {
    const stage = new Stage()
    const leader = await stage.leader({ leaseDuration: 20_000 })
    expect(stage.lease?.spec?.leaseDurationSeconds).toBe(20)
    expect(leader.newest?.remainingMs()).toBeGreaterThan(19_000)
  })

  it('renewDeadline: when a leader that cannot renew takes no new work', async () => {
    const stage = new Stage()
    const leader = await stage.leader({ renewDeadline: 6_000, drains: false })
    await stage.renewed(0)
    leader.api.faults.refuse = true
    const took = await stage.until('it closes', () => !leader.newest?.accepts(), 10_000)
    expect(took).toBeGreaterThanOrEqual(5_900)
    expect(took).toBeLessThanOrEqual(6_100)
  })

  it('retryPeriod: how often a leader renews', async () => {
    const stage = new Stage()
    await stage.leader({ retryPeriod: 1_000 })
    stage.cluster.requests.reset()
    await stage.pass(30_000)
    expect(stage.cluster.requests.count({ verb: 'update' })).toBe(30)
  })

  it('jitterFactor: how far the tries of a follower are apart', async () => {
    const reads: number[] = []
    for (const jitterFactor of [1, 3]) {
      const stage = new Stage()
      await stage.leader()
      const next = await stage.follower({ jitterFactor })
      next.api.faults.silentWatches = true
      await stage.pass(20_000)
      stage.cluster.requests.reset()
      await stage.pass(60_000)
      reads.push(stage.cluster.requests.count({ member: next.pod, verb: 'get', resource: 'leases' }))
    }
    // Between once and three times, and the number drawn is in the middle.
    expect(reads[0]).toBeGreaterThan((reads[1] ?? 0) * 1.5)
  })

  it('earlyTakeover, containerName: see proof-of-death; what is for the client: see client', () => {
    const { schema } = kubernetesCluster
    expect(Object.keys(schema.shape).sort()).toEqual([
      'connectionTimeout',
      'containerName',
      'earlyTakeover',
      'id',
      'jitterFactor',
      'kubeconfig',
      'leaseDuration',
      'namespace',
      'podName',
      'podUid',
      'renewDeadline',
      'resourceName',
      'retryPeriod',
    ])
  })
})

describe('kubernetesCluster', () => {
  const given = { nodeId: 'node-1', folder: '/srv/app', clock: systemClock, log: new Log() }

  it('is what an application offers as a backend', () => {
    const options = kubernetesCluster.schema.parse({ resourceName: 'leaders' })
    expect(kubernetesCluster.describe(options)).toBe('Leases leaders-…')
    expect(kubernetesCluster.create(options, given).self.id).toBe('node-1')
    const named = kubernetesCluster.schema.parse({ id: 'mine' })
    expect(kubernetesCluster.create(named, given).self.id).toBe('mine')
  })

  it('is a function that makes the service', () => {
    expect(kubernetesCluster().id).toBe('kubernetes')
    expect(kubernetesCluster({ id: 'x' }).self.id).toBe('x')
  })
})
