import { describe, expect, it } from 'vitest'
import { type Effect, IDLE, type MachineEvent, type MachineState, type Stage, step } from '../src/machine.ts'

/** The four states that people know. */
function phaseOf(stage: Stage): string {
  if (stage === 'idle' || stage === 'running') return stage
  return ['starting', 'failing', 'backing-off'].includes(stage) ? 'starting' : 'draining'
}

function play(events: readonly MachineEvent<number>[], maxAttempts = 3) {
  let state: MachineState<number> = IDLE
  const effects: Effect<number>[] = []
  const phases: string[] = []
  for (const event of events) {
    const [next, more] = step(state, event, maxAttempts)
    state = next
    effects.push(...more)
    if (phases.at(-1) !== phaseOf(state.stage)) phases.push(phaseOf(state.stage))
  }
  return { state, phases, effects: effects.map(effect => effect.type) }
}

const granted = (leadership: number) => ({ type: 'granted', leadership }) as const
const closed = (leadership: number) => ({ type: 'closed', leadership }) as const
const started = { type: 'started' } as const

describe('the machine', () => {
  it('goes idle → starting → running → draining → idle', () => {
    const drained = { type: 'drained', left: 0 } as const
    const events = [granted(1), started, closed(1), { type: 'quiesced' }, drained, { type: 'delegate-closed' }, drained]
    const { phases, effects, state } = play(events as MachineEvent<number>[])
    expect(phases).toEqual(['starting', 'running', 'draining', 'idle'])
    expect(effects).toEqual(['open', 'start', 'quiesce', 'drain', 'close', 'await-leftover', 'drained'])
    expect(state).toBe(IDLE)
  })

  it('collapses what it hears by leadership', () => {
    expect(play([granted(1), granted(1), closed(2), started, granted(1)]).effects).toEqual(['open', 'start'])
  })

  it('another leadership means that the current one is lost, and of several waiting ones the newest counts', () => {
    const { state, effects } = play([granted(1), started, granted(2), granted(3)])
    expect(effects).toEqual(['open', 'start', 'quiesce', 'drained'])
    expect([state.stage, state.current, state.next]).toEqual(['quiescing', 1, 3])
  })

  it('closes once, whatever comes while closing', () => {
    const force = { type: 'force' } as const
    const ended = { type: 'ended', leadership: 1 } as const
    const { effects } = play([
      granted(1),
      started,
      force,
      ended,
      force,
      { type: 'quiesced' },
      { type: 'drained', left: 1 },
    ])
    expect(effects.filter(effect => effect === 'close')).toHaveLength(1)
    expect(effects).not.toContain('drained')
  })

  it('ignores everything while idle', () => {
    const events: MachineEvent<number>[] = [
      closed(1),
      { type: 'ended', leadership: 1 },
      started,
      { type: 'start-failed' },
      { type: 'retry' },
      { type: 'quiesced' },
      { type: 'drained', left: 0 },
      { type: 'delegate-closed' },
      { type: 'force' },
    ]
    const { state, effects } = play(events)
    expect(effects.filter(effect => effect !== 'hard-end')).toEqual([])
    expect(state.stage).toBe('idle')
  })
})
