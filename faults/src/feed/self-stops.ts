import type { Member } from '../launch.ts'
import type { FaultEvent, PausingEvent } from '../log/events.ts'
import type { Stage } from '../stage.ts'
import { PATIENCE_MS } from './settings.ts'

/** It will stop or kill itself at the first such place from now on. */
export async function arm(
  stage: Stage,
  member: Member,
  at: string,
  signal: 'SIGSTOP' | 'SIGKILL' = 'SIGSTOP',
): Promise<void> {
  const mark = stage.mark()
  stage.tell(member, { do: 'arm', number: 1, signal, at })
  const fits = (event: FaultEvent) => event.kind === 'note' && event.member === member.name && event.text === 'armed'
  await stage.until(`${member.name} is armed`, fits, PATIENCE_MS, mark)
}

/** It has stopped itself. */
export const pausing = (stage: Stage, member: Member, mark: number): Promise<PausingEvent> =>
  stage.until<PausingEvent>(
    `${member.name} stops itself`,
    event => event.kind === 'pausing' && event.member === member.name,
    PATIENCE_MS,
    mark,
  )
