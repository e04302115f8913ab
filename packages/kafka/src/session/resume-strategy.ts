import type { ResumeStrategy } from '@dromedary/core/component'
import type { RouteSettings, SessionUser } from './route-settings.ts'
import type { Sessions } from './sessions.ts'

export interface KeptPositions {
  readonly topic: string
  readonly settings?: RouteSettings
  /** See {@link SessionUser.set}. */
  readonly set?: object
}

/**
 * Keeps the positions of a route in a topic, in the transactions that carry what the route sends. `open` gives the sessions
 * when it is first used: one of a set of routes that is refused never is.
 */
export function kafkaResumeStrategy(
  open: () => Sessions,
  routeId: string,
  { topic, settings, set }: KeptPositions,
): ResumeStrategy {
  let held: { readonly sessions: Sessions; readonly user: SessionUser } | undefined
  const used = () => {
    if (held) return held
    const sessions = open()
    sessions.hold()
    held = { sessions, user: sessions.user({ ...settings, positions: topic }, set) }
    return held
  }
  return {
    starts: () => {
      const { sessions, user } = used()
      sessions.starts(routeId, user)
    },
    load: async ({ leadership, signal }) => {
      const { sessions, user } = used()
      const session = sessions.resume(routeId, leadership, user)
      const kept = await beforeAbort(session.kept(), signal)
      return kept.position
    },
    update: (exchange, position, failures) => {
      const { sessions, user } = used()
      sessions.position(exchange, position, failures, user)
    },
    close: async () => {
      const last = held
      held = undefined
      await last?.sessions.letGo(last.user)
    },
  }
}

function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise<T>((resolve, reject) => {
    const aborted = () => reject(signal.reason)
    signal.addEventListener('abort', aborted, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}
