import type { LossEvent } from '../log/events.ts'
import type { Leader, Stage } from '../stage.ts'

/** A leader lost its term by itself, on a machine too busy for it: that is safe, but the round shows nothing. */
export class Disturbed extends Error {
  override readonly name = 'Disturbed'
}

/** How a leader loses its term without anybody's doing. */
const BY_ITSELF = ['renewal-failed', 'stalled', 'clock']

const ATTEMPTS = 4

/** Plays a round again that was disturbed, and says so among the figures. */
export async function undisturbed(stage: Pick<Stage, 'figures'>, round: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await round()
    } catch (error) {
      if (!(error instanceof Disturbed) || attempt === ATTEMPTS) throw error
      stage.figures.push(`a round was played again: ${error.message}`)
    }
  }
}

/** Fails if this leader has lost its term. */
export function mustLead(stage: Pick<Stage, 'mark' | 'events'>, { member, term }: Leader): void {
  stage.mark()
  const lost = stage.events.find(
    (event): event is LossEvent =>
      (event.kind === 'closing' || event.kind === 'ended') && event.member === member.name && event.term === term,
  )
  if (!lost) return
  if (BY_ITSELF.includes(lost.reason)) throw new Disturbed(`${member.name} lost its term by itself (${lost.reason})`)
  throw new Error(`${member.name} lost its term: ${JSON.stringify(lost)}`)
}

/** Watches a leader for a while: fails if it does not keep its term. */
export async function mustStay(stage: Stage, leader: Leader, ms: number): Promise<void> {
  const end = performance.now() + ms
  do {
    await stage.pause(Math.max(0, Math.min(100, end - performance.now())))
    mustLead(stage, leader)
  } while (performance.now() < end)
}
