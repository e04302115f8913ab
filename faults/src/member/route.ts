import { type Clock, createContext, type Exchange, from, NAMES, silentSink, sleep } from '@dromedary/core'
import { master } from '@dromedary/master'
import type { ParticipantSpec, Running } from './contract.ts'
import { pulse, record } from './test-components.ts'
import type { Watched, WatchedLeadership } from './watched.ts'

export interface RouteOptions {
  readonly drainMs: number
  readonly clock: Clock
}

/**
 * How long work that ignores its abort signal goes on after its leadership has ended, and then tries one more send: past
 * the expiry of the lease, when another leads.
 */
const OVERRUN_MS = 2_500

/** A context with one `master:` route for each participant, whose sink writes down what it takes. */
export async function runRoutes(
  watch: Watched,
  namespace: string,
  participants: readonly ParticipantSpec[],
  { drainMs, clock }: RouteOptions,
): Promise<Running> {
  const leadershipOf = (exchange: Exchange): WatchedLeadership | undefined =>
    watch.find(exchange.fromRouteId, String(exchange.getProperty(NAMES.clusterTerm)))
  const work = (participant: ParticipantSpec) => async (exchange: Exchange) => {
    const leadership = leadershipOf(exchange)
    if (!leadership) return
    if (participant.stubborn) {
      await aborted(leadership.ended)
      await sleep(clock, OVERRUN_MS)
    } else if (participant.drainMs !== undefined) {
      await aborted(leadership.closing)
      await sleep(clock, participant.drainMs)
    }
  }
  const context = createContext({
    name: 'faults',
    clock,
    cluster: watch.service,
    components: [master, pulse, record(exchange => leadershipOf(exchange)?.exchange())],
    shutdownTimeout: drainMs,
    log: silentSink,
    routes: participants.map(participant => {
      const route = from(`master:${namespace}:pulse:${participant.name}`).routeId(participant.name)
      const slow = participant.stubborn || participant.drainMs !== undefined
      return slow ? route.process(work(participant)).to('record:sink') : route.to('record:sink')
    }),
  })
  return { campaign: () => context.start(), stop: () => context.stop() }
}

/** Resolves once the signal has aborted. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
