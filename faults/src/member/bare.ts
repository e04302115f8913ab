import type { ParticipantSpec, Running } from './contract.ts'
import type { Watched, WatchedLeadership } from './watched.ts'

/** The cluster service alone: each participant sends exchanges in a loop while it may. */
export async function runBare(
  watch: Watched,
  namespace: string,
  participants: readonly ParticipantSpec[],
  drainMs: number,
): Promise<Running> {
  const { service } = watch
  await service.start()
  return {
    campaign: () => {
      for (const participant of participants) {
        const campaign = service.campaign(namespace, { participant: participant.name })
        campaign.leadership.subscribe(leadership => {
          if (!leadership) return
          const seen = watch.find(participant.name, leadership.term)
          if (seen) work(seen, participant)
        })
      }
    },
    stop: () => service.stop({ drainMs }),
  }
}

/** New work while accepts(); what is under way at closing goes on as long as isValid() and the participant's drain last. */
function work(leadership: WatchedLeadership, { drainMs = 0, stubborn = false }: ParticipantSpec): void {
  let busy = true
  const send = () => {
    if (leadership.isValid()) leadership.exchange()
  }
  // Timers alone would miss what is queued when a frozen process wakes.
  const soon = () => {
    if (!busy) return
    if (leadership.accepts()) send()
    setTimeout(again, 1)
  }
  const again = () => {
    if (!busy) return
    if (!leadership.accepts()) send()
    setImmediate(soon)
  }
  const drained = () => {
    busy = false
    leadership.drained()
  }
  const drain = () => {
    if (stubborn) return
    if (drainMs === 0) drained()
    else setTimeout(drained, drainMs)
  }
  if (leadership.closing.aborted) drain()
  else leadership.closing.addEventListener('abort', drain, { once: true })
  if (!stubborn) leadership.ended.addEventListener('abort', drained, { once: true })
  soon()
}
