import type { ResumeStrategy } from '@dromedary/core/component'
import type { Sessions } from './sessions.ts'

/** Keeps the positions of a route in a topic, in the transactions that carry what the route sends. */
export function kafkaResumeStrategy(sessions: Sessions, routeId: string, topic: string): ResumeStrategy {
  sessions.configure(routeId, { positions: topic })
  sessions.hold()
  return {
    load: async ({ leadership, signal }) => {
      const session = sessions.resume(routeId, leadership)
      const kept = await beforeAbort(session.kept(), signal)
      return kept.position
    },
    close: () => sessions.letGo(),
    update: (exchange, position, failures) => sessions.position(exchange, position, failures),
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
