import type { ExpressionDefinition } from '../definition/expression.ts'
import type { RouteDefinition } from '../definition/route.ts'
import type { StepDefinition, WhenClause } from '../definition/steps.ts'
import { DromedaryError } from '../errors.ts'

/** What a verb adds to a route. */
export type Op =
  | { readonly op: 'from'; readonly uri: string }
  | { readonly op: 'route'; readonly set: Partial<RouteDefinition> }
  | { readonly op: 'step'; readonly step: StepDefinition }
  /** Names the step before it. */
  | { readonly op: 'id'; readonly id: string }
  /** A block whose steps follow; `close` makes the step of them. */
  | { readonly op: 'open'; readonly block: 'filter'; close(steps: readonly StepDefinition[]): StepDefinition }
  | { readonly op: 'choice' }
  | { readonly op: 'when'; readonly expression: ExpressionDefinition }
  | { readonly op: 'otherwise' }
  | { readonly op: 'endChoice' }
  | { readonly op: 'end' }

interface Frame {
  readonly steps: StepDefinition[]
  /** What ends the frame; the steps go with it. */
  readonly close: ((steps: readonly StepDefinition[]) => StepDefinition) | undefined
  readonly choice?: { readonly when: WhenClause[]; otherwise?: { readonly steps: readonly StepDefinition[] } }
  /** A clause of the choice below it. */
  readonly clause?: ExpressionDefinition | 'otherwise'
}

/** The list of verbs becomes a tree of steps. */
export function fold(ops: readonly Op[]): RouteDefinition {
  const [first] = ops
  if (first?.op !== 'from') throw misplaced('a route begins with from()')
  let route: RouteDefinition = { from: { uri: first.uri }, steps: [] }
  const frames: Frame[] = [{ steps: [], close: undefined }]
  const top = () => frames.at(-1) as Frame

  const endClause = () => {
    const { clause, steps } = top()
    if (clause === undefined) return
    frames.pop()
    const { choice } = top()
    if (choice === undefined) throw misplaced('when() belongs into choice()')
    if (clause !== 'otherwise') choice.when.push({ expression: clause, steps })
    else if (choice.otherwise) throw misplaced('choice() has two otherwise()')
    else choice.otherwise = { steps }
  }
  const end = () => {
    endClause()
    const { close, steps, choice } = frames.pop() as Frame
    if (choice) top().steps.push({ kind: 'choice', ...choice })
    else if (close) top().steps.push(close(steps))
    else throw misplaced('end() without a block')
  }

  for (const op of ops.slice(1)) {
    if (op.op === 'from') throw misplaced('a route has one from()')
    else if (op.op === 'route') route = { ...route, ...op.set }
    else if (op.op === 'step') top().steps.push(op.step)
    else if (op.op === 'id') nameLast(top(), op.id)
    else if (op.op === 'open') frames.push({ steps: [], close: op.close })
    else if (op.op === 'choice') frames.push({ steps: [], close: undefined, choice: { when: [] } })
    else if (op.op === 'end') end()
    else {
      endClause()
      if (top().choice === undefined) throw misplaced(`${op.op}() belongs into choice()`)
      if (op.op !== 'endChoice')
        frames.push({ steps: [], close: undefined, clause: op.op === 'when' ? op.expression : 'otherwise' })
    }
  }
  while (frames.length > 1) end()
  return deepFreeze({ ...route, steps: top().steps })
}

function nameLast(frame: Frame, id: string): void {
  const last = frame.steps.pop()
  if (last === undefined) throw misplaced(`id('${id}') follows the step that it names; a route is named by routeId()`)
  frame.steps.push({ ...last, id })
}

const misplaced = (what: string) => new DromedaryError('DROMEDARY_INVALID_ROUTE', what)

/** Plain data only: functions, beans and values of constants belong to the user. */
function deepFreeze<T extends object>(value: T): T {
  for (const [key, inner] of Object.entries(value)) {
    if (key !== 'value' && key !== 'ref' && key !== 'processor' && typeof inner === 'object' && inner !== null)
      deepFreeze(inner)
  }
  return Object.freeze(value)
}
