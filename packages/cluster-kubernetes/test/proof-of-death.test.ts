import { describe, expect, it } from 'vitest'
import type { KubernetesApi } from '../src/api.ts'
import type { ContainerStatus } from '../src/objects.ts'
import type { SimulatedApi } from './support/simulated-api.ts'
import { type Member, type MemberOptions, Stage } from './support/stage.ts'

/** From what kubelet says until another one leads: a few requests. */
const AT_ONCE_MS = 100
/** After which the container is recorded, and confirmed. */
const KNOWN_MS = 40_000

const SIDECAR: MemberOptions = {
  containerName: 'sidecar',
  run: { container: 'app' },
}

/** Kubernetes runs sidecars as init containers that go on. */
function withSidecar({ cluster }: Stage, pod: string): void {
  const startedAt = '2026-01-01T00:00:00Z'
  const sidecar: ContainerStatus = {
    name: 'sidecar',
    containerID: 'containerd://side',
    state: { running: { startedAt } },
  }
  cluster.pods.patch(pod, ({ status, ...rest }) => ({
    ...rest,
    status: { ...status, initContainerStatuses: [sidecar] },
  }))
}

function sidecarTerminated({ cluster, clock }: Stage, pod: string): void {
  const terminated = { containerID: 'containerd://side', finishedAt: new Date(clock.now()).toISOString() }
  const sidecar: ContainerStatus = { name: 'sidecar', containerID: 'containerd://side', state: { terminated } }
  cluster.pods.patch(pod, ({ status, ...rest }) => ({
    ...rest,
    status: { ...status, initContainerStatuses: [sidecar] },
  }))
}

/** The watch of pods is told of deletions alone: the one before it got lost. */
const deletionsAlone = (api: SimulatedApi): KubernetesApi =>
  new Proxy(api, {
    get(target, name) {
      if (name !== 'watchPod') {
        const value = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      }
      const watchPod: KubernetesApi['watchPod'] = (pod, listener) =>
        target.watchPod(pod, {
          ...listener,
          opened: () => listener.opened(),
          closed: failure => listener.closed(failure),
          event: (type, object) => void (type !== 'MODIFIED' && listener.event(type, object)),
        })
      return watchPod
    },
  })

interface Scene {
  readonly stage: Stage
  readonly holder: Member
  readonly next: Member
}

async function scene(holding: MemberOptions = {}, following: MemberOptions = {}): Promise<Scene> {
  const stage = new Stage()
  const holder = await stage.leader(holding)
  if (holding.containerName === 'sidecar') withSidecar(stage, holder.pod)
  await stage.pass(KNOWN_MS)
  const next = await stage.follower(following)
  await stage.renewed(700)
  return { stage, holder, next }
}

async function leadsAtOnce({ stage, next }: Scene, ms = AT_ONCE_MS): Promise<void> {
  const term = BigInt(stage.note('term') ?? 0)
  await stage.until('the other one leads', () => next.leads, ms)
  expect(next.term).toBeGreaterThan(term)
  expect(next.state?.lastChange?.reason).toBe('its container terminated')
}

describe("kubelet's word that the container of a killed holder terminated makes another one lead at once", () => {
  it('in state', async () => {
    const { stage, holder, next } = await scene()
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await leadsAtOnce({ stage, holder, next })
  })

  it('in lastState, once the container was started anew', async () => {
    const { stage, holder, next } = await scene()
    holder.kill()
    stage.cluster.pods.terminated(holder.pod, { as: 'lastState' })
    await leadsAtOnce({ stage, holder, next })
  })

  it('in the status of an init container: it ran in a sidecar', async () => {
    const { stage, holder, next } = await scene(SIDECAR)
    expect(stage.note('container-id')).toBe('containerd://side')
    holder.kill()
    sidecarTerminated(stage, holder.pod)
    await leadsAtOnce({ stage, holder, next })
  })

  it('in the last object of a DELETED event', async () => {
    const { stage, holder, next } = await scene({}, { around: deletionsAlone })
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await stage.pass(AT_ONCE_MS)
    expect(next.leaderships).toEqual([])
    stage.cluster.pods.removed(holder.pod)
    await leadsAtOnce({ stage, holder, next })
  })

  it('as soon as a watch that broke is open again', async () => {
    const { stage, holder, next } = await scene()
    next.api.faults.refuse = true
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await stage.pass(2_000)
    expect(next.leaderships).toEqual([])
    next.api.faults.heal()
    await leadsAtOnce({ stage, holder, next }, 3_000)
  })

  it('also when it was said before the member came', async () => {
    const { stage, holder } = await scene()
    stage.members[1]?.kill()
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    const late = await stage.member()
    late.compete()
    await leadsAtOnce({ stage, holder, next: late })
  })

  it('also to an election that begins when its member has long been told', async () => {
    const stage = new Stage()
    const holder = await stage.leader()
    holder.compete('other')
    await stage.pass(KNOWN_MS)
    const onlooker = await stage.member()
    await stage.pass(3_000)
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await stage.pass(AT_ONCE_MS)
    onlooker.compete('other')
    await stage.until('it leads', () => onlooker.leads, AT_ONCE_MS)
  })

  it('of all namespaces that it led, by one watch', async () => {
    const stage = new Stage()
    const holder = await stage.leader()
    holder.compete('other')
    await stage.pass(KNOWN_MS)
    const next = await stage.follower()
    next.compete('other')
    await stage.pass(10_000)
    expect(stage.cluster.requests.count({ member: next.pod, verb: 'watch', resource: 'pods' })).toBe(1)
    holder.kill()
    stage.cluster.pods.terminated(holder.pod)
    await stage.until('it leads both', () => next.leaderships.filter(one => one.accepts()).length === 2, AT_ONCE_MS)
  })
})
