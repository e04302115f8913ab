import type { Stage } from '../stage.ts'
import type { Scenario } from '../suite.ts'
import { mustLead, undisturbed } from './disturbed.ts'
import { freshContainer, type Place, type PlaceOptions } from './place.ts'
import { expiryBound, SHORT } from './settings.ts'
import { Site } from './site.ts'

/** What may happen to a pod of which people think that its process is dead, and it is not. */
interface Misleading {
  readonly about: string
  /** Where the holder runs. Default: in a pod whose end does not make its token worthless, so that it can renew on. */
  readonly place?: Partial<PlaceOptions>
  /** When its container is said to have started. Default: now. */
  readonly startedAt?: () => Date
  /** Whether the holder never learns in which container it runs. */
  readonly unknown?: boolean
  readonly happens: (site: Site, place: Place) => Promise<void>
}

const minutesAgo = (minutes: number): Date => new Date(Date.now() - 60_000 * minutes)

/** A raw change of a pod's status: kubelet would not do it, or not by itself. */
const patchStatus = (site: Site, { pod }: Place, status: object) =>
  site.cluster.request('PATCH', `/api/v1/namespaces/${site.namespace}/pods/${pod.metadata.name}/status`, { status })

/** A pod of that name again, with another UID, whose container runs, and later ends. */
async function recreated(site: Site, place: Place, annotations?: Record<string, string>): Promise<void> {
  await site.kubelet.deletePod(place.pod, { force: true })
  await site.kubelet.create({ metadata: { ...place.pod.metadata, ...(annotations && { annotations }) } })
  const containerID = freshContainer()
  await site.kubelet.running(place.pod, { containerID, startedAt: new Date() })
  await site.stage.pause(500)
  await site.kubelet.terminated(place.pod, { containerID, finishedAt: new Date(), exitCode: 1 })
}

const MIRROR = { 'kubernetes.io/config.mirror': '1f4b2c', 'kubernetes.io/config.source': 'file' }

const CASES: Readonly<Record<string, Misleading>> = {
  'force-delete': {
    about: 'Its pod was deleted by force.',
    happens: (site, place) => site.kubelet.deletePod(place.pod, { force: true }),
  },
  'grace-delete': {
    about: 'Its pod is being deleted, with grace.',
    happens: (site, place) => site.kubelet.deletePod(place.pod),
  },
  'pod-gc': {
    about: 'PodGC has made its pod Failed, and then deleted it by force.',
    happens: async (site, place) => {
      await site.kubelet.phase(place.pod, 'Failed', 'NodeLost')
      await site.stage.pause(200)
      await site.kubelet.deletePod(place.pod, { force: true })
    },
  },
  recreated: {
    about: 'Its pod was deleted by force and made again; in the new one a container runs, and ends.',
    happens: (site, place) => recreated(site, place),
  },
  'static-pod': {
    about: 'It is a static pod, whose mirror was deleted and made again with another UID.',
    // What the downward API tells a static pod is not the UID of its mirror.
    place: { annotations: MIRROR, podUid: '5b7f1d0c0f8e4a3f9c2d1e0f5a6b7c8d' },
    unknown: true,
    happens: (site, place) => recreated(site, place, MIRROR),
  },
  'lagging-status': {
    about:
      'It has read the id of the container before it from a status that lags; then that one is said to have ended.',
    startedAt: () => minutesAgo(2),
    happens: async (_, place) => {
      await place.restarted(minutesAgo(1))
    },
  },
  unseen: {
    about: 'The runtime does not find its container: kubelet makes up its end (ContainerStatusUnknown).',
    happens: async (site, place) => {
      const end = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located' }
      const status = { name: 'main', image: 'test', imageID: '', ready: false, restartCount: 0 }
      const madeUp = (terminated: object) => ({ containerStatuses: [{ ...status, state: { terminated } }] })
      await patchStatus(site, place, madeUp(end))
      await site.stage.pause(200)
      const { containerID } = place
      await patchStatus(site, place, madeUp({ ...end, containerID, finishedAt: new Date().toISOString() }))
    },
  },
  'not-ready': {
    about: 'Its pod is not ready for a while.',
    happens: async (site, place) => {
      await site.kubelet.ready(place.pod, false)
      await site.stage.pause(1_000)
      await site.kubelet.ready(place.pod, true)
      await site.stage.pause(500)
      await site.kubelet.ready(place.pod, false)
    },
  },
  evicted: {
    about: 'Its pod was evicted: it stays as Failed.',
    happens: async (site, place) => {
      await site.kubelet.ready(place.pod, false)
      await site.kubelet.phase(place.pod, 'Failed', 'Evicted')
    },
  },
}

/** The holder runs and renews on: nobody may follow. Then it dies, and its pod stays as it is: it is followed at expiry. */
async function mislead(stage: Stage, rounds: readonly number[], misleading: Misleading): Promise<void> {
  const { leaseDuration } = SHORT
  const site = await Site.open(stage, { timing: SHORT })
  const round = async () => {
    // The holder must be the first.
    for (const member of site.running) stage.kill(member)
    const place = await site.place({ bound: false, ...misleading.place })
    await place.runs(misleading.startedAt?.())
    const holder = await site.start({ place })
    const leader = await site.leader()
    await site.start()
    if (!misleading.unknown) await site.untilContainerKnown(leader)
    await misleading.happens(site, place)
    await site.mustStay(leader, 1.5 * leaseDuration)
    await site.betweenRenewals()
    mustLead(stage, leader)
    const mark = stage.mark()
    stage.kill(holder)
    const sent = site.lastRenewal(holder)
    const next = await site.next(holder, mark)
    if (next.at < sent + leaseDuration) throw new Error('a lease was taken before it had expired')
    stage.samples.push(next.at - sent)
  }
  for (const _ of rounds) await undisturbed(stage, round)
}

/** What is no proof of death. Measured from the last renewal, once the holder really is dead. */
export const notProof: readonly Scenario[] = Object.entries(CASES).map(([name, misleading]) => ({
  name: `not-proof-${name}`,
  about: `${misleading.about} As long as the holder renews nobody follows, and then only at expiry.`,
  rounds: { full: 3, quick: 1 },
  lanes: 3,
  bounds: { max: expiryBound(SHORT) },
  play: (stage, rounds) => mislead(stage, rounds, misleading),
}))
