/**
 * When the delegate of a `master:` route lives. Pure: takes events, returns what to do. `L` stands for one leadership;
 * another one always passes draining → idle → starting, whatever came between.
 *
 * | phase | stages |
 * | --- | --- |
 * | idle | idle |
 * | starting | starting, failing (the delegate that failed is being closed), backing-off |
 * | running | running |
 * | draining | aborting (start is still pending), quiescing, emptying, closing, leftover (closed, exchanges may run on) |
 */
export type Stage =
  | 'idle'
  | 'starting'
  | 'failing'
  | 'backing-off'
  | 'running'
  | 'aborting'
  | 'quiescing'
  | 'emptying'
  | 'closing'
  | 'leftover'

export interface MachineState<L> {
  readonly stage: Stage
  /** The leadership at work; undefined while idle. */
  readonly current: L | undefined
  /** The newest leadership, waiting until the current one has drained. */
  readonly next: L | undefined
  /** Starts that were tried in the current term. */
  readonly attempts: number
  /** The current leadership has closed. */
  readonly lost: boolean
  /** The hard end or the shutdown deadline has passed: nothing is waited for that need not be. */
  readonly forced: boolean
}

export type MachineEvent<L> =
  | { readonly type: 'granted'; readonly leadership: L }
  | { readonly type: 'closed'; readonly leadership: L }
  | { readonly type: 'ended'; readonly leadership: L }
  | { readonly type: 'started' }
  | { readonly type: 'start-failed' }
  | { readonly type: 'retry' }
  | { readonly type: 'quiesced' }
  /** How many exchanges are left: not 0 when the budget passed first. */
  | { readonly type: 'drained'; readonly left: number }
  | { readonly type: 'delegate-closed' }
  /** The shutdown deadline passed. */
  | { readonly type: 'force' }

export type Effect<L> =
  | { readonly type: 'open'; readonly leadership: L }
  | { readonly type: 'start' }
  | { readonly type: 'abort-start' }
  | { readonly type: 'wait-retry' }
  | { readonly type: 'cancel-retry' }
  | { readonly type: 'quiesce' }
  /** Wait until nothing is in flight, or the budget of the loss has passed. */
  | { readonly type: 'drain' }
  /** Wait until nothing is in flight, however long. */
  | { readonly type: 'await-leftover' }
  | { readonly type: 'close'; readonly forced: boolean }
  | { readonly type: 'hard-end' }
  | { readonly type: 'drained'; readonly leadership: L }
  /** The delegate could not be started: somebody else shall lead. */
  | { readonly type: 'resign'; readonly leadership: L }

export type Step<L> = readonly [MachineState<L>, readonly Effect<L>[]]

export const IDLE: MachineState<never> = {
  stage: 'idle',
  current: undefined,
  next: undefined,
  attempts: 0,
  lost: false,
  forced: false,
}

/** One event. `maxAttempts` 0: tries to start for ever. Events that do not fit the stage change nothing. */
export function step<L>(state: MachineState<L>, event: MachineEvent<L>, maxAttempts: number): Step<L> {
  switch (event.type) {
    case 'granted':
      return granted(state, event.leadership)
    case 'closed':
      return closed(state, event.leadership)
    case 'ended':
      return ended(state, event.leadership)
    case 'force':
      return forced(state)
    case 'started':
      if (state.stage === 'starting') return [{ ...state, stage: 'running' }, []]
      if (state.stage !== 'aborting') return [state, []]
      return state.forced ? close(state, true) : [{ ...state, stage: 'quiescing' }, [{ type: 'quiesce' }]]
    case 'start-failed':
      if (state.stage === 'starting') return [{ ...state, stage: 'failing' }, [{ type: 'close', forced: false }]]
      return state.stage === 'aborting' ? close(state, state.forced) : [state, []]
    case 'retry':
      return state.stage === 'backing-off' ? start(state) : [state, []]
    case 'quiesced':
      if (state.stage !== 'quiescing') return [state, []]
      return state.forced ? close(state, true) : [{ ...state, stage: 'emptying' }, [{ type: 'drain' }]]
    case 'drained':
      if (state.stage === 'emptying') return close(state, event.left > 0)
      return state.stage === 'leftover' && event.left === 0 ? finish(state) : [state, []]
    case 'delegate-closed':
      return delegateClosed(state, maxAttempts)
  }
}

function granted<L>(state: MachineState<L>, leadership: L): Step<L> {
  if (leadership === state.current || leadership === state.next) return [state, []]
  if (state.current === undefined) return begin(leadership)
  // Another one is there: the current one has passed, whether or not that was said.
  const [after, effects] = closed(state, state.current)
  const dropped: Effect<L>[] = after.next === undefined ? [] : [{ type: 'drained', leadership: after.next }]
  return [{ ...after, next: leadership }, [...effects, ...dropped]]
}

function closed<L>(state: MachineState<L>, leadership: L): Step<L> {
  if (leadership === state.next) {
    return [{ ...state, next: undefined }, [{ type: 'drained', leadership }]]
  }
  if (leadership !== state.current || state.lost) return [state, []]
  const lost = { ...state, lost: true }
  switch (state.stage) {
    case 'starting':
      return [{ ...lost, stage: 'aborting' }, [{ type: 'abort-start' }]]
    case 'backing-off':
      return join([{ type: 'cancel-retry' }], leave(lost))
    case 'running':
      return [{ ...lost, stage: 'quiescing' }, [{ type: 'quiesce' }]]
    default:
      return [lost, []]
  }
}

function ended<L>(state: MachineState<L>, leadership: L): Step<L> {
  if (leadership !== state.current) return closed(state, leadership)
  const [after, effects] = forced(state)
  return [after, [{ type: 'hard-end' }, ...effects]]
}

function forced<L>(state: MachineState<L>): Step<L> {
  if (state.current === undefined) return [state, []]
  const [after, effects] = closed(state, state.current)
  const now = { ...after, forced: true }
  const waits = after.stage === 'emptying' || after.stage === 'quiescing'
  if (!waits) return [now, effects]
  return state.stage === 'running' ? join(effects, close(now, true)) : close(now, true)
}

function delegateClosed<L>(state: MachineState<L>, maxAttempts: number): Step<L> {
  if (state.stage !== 'failing' && state.stage !== 'closing') return [state, []]
  if (state.stage === 'closing' || state.lost) return leave(state)
  if (maxAttempts === 0 || state.attempts < maxAttempts) {
    return [{ ...state, stage: 'backing-off' }, [{ type: 'wait-retry' }]]
  }
  return join([{ type: 'resign', leadership: state.current as L }], leave(state))
}

/** The delegate is gone; exchanges of the term may still run. */
function leave<L>(state: MachineState<L>): Step<L> {
  return [{ ...state, stage: 'leftover' }, [{ type: 'await-leftover' }]]
}

function begin<L>(leadership: L): Step<L> {
  return join([{ type: 'open', leadership }], start({ ...IDLE, current: leadership }))
}

function start<L>(state: MachineState<L>): Step<L> {
  return [{ ...state, stage: 'starting', attempts: state.attempts + 1 }, [{ type: 'start' }]]
}

function close<L>(state: MachineState<L>, force: boolean): Step<L> {
  return [{ ...state, stage: 'closing' }, [{ type: 'close', forced: force }]]
}

/** The current leadership has nothing left: passes through idle. */
function finish<L>(state: MachineState<L>): Step<L> {
  const done: Effect<L> = { type: 'drained', leadership: state.current as L }
  if (state.next === undefined) return [IDLE, [done]]
  return join([done], begin(state.next))
}

function join<L>(before: readonly Effect<L>[], [state, effects]: Step<L>): Step<L> {
  return [state, [...before, ...effects]]
}
