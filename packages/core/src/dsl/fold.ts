import type { BlockKind } from '../definition/blocks.ts'
import type { ExpressionDefinition } from '../definition/expression.ts'
import { movePlace } from '../definition/places.ts'
import type { RouteDefinition } from '../definition/route.ts'
import type { StepDefinition } from '../definition/steps.ts'
import { DromedaryError } from '../errors.ts'

type Steps = readonly StepDefinition[]

/** What a verb adds to a route. */
export type Op =
  | { readonly op: 'from'; readonly uri: string }
  | { readonly op: 'route'; readonly set: Partial<RouteDefinition> }
  | { readonly op: 'step'; readonly step: StepDefinition }
  /** Names the step before it. */
  | { readonly op: 'id'; readonly id: string }
  /** A block of any kind, whose steps follow until `end`; `close` makes its step of them, and of its clauses in order. */
  | {
      readonly op: 'open'
      readonly block: BlockKind
      close(steps: Steps, clauses: readonly Clause[]): StepDefinition
    }
  /** A clause of the innermost block, which must be of that kind: `when()` of `choice()`. Ends the clause before it. */
  | ({ readonly op: 'clause'; readonly block: BlockKind } & ClauseHead)
  /** Back from a clause to its block: `endChoice()`. */
  | { readonly op: 'endClause'; readonly block: BlockKind; readonly verb: string }
  /** A part of the route that is no step, written before its steps, with steps of its own until `end`: `onException()`. */
  | {
      readonly op: 'part'
      readonly verb: string
      add(route: RouteDefinition, steps: Steps, options: object): RouteDefinition
    }
  /** Says more of the clause or part that has just begun: `onWhen()` of `doCatch()`. `of`: the verbs that it may follow. */
  | { readonly op: 'option'; readonly verb: string; readonly of: readonly string[]; readonly set: object }
  | { readonly op: 'end' }

interface ClauseHead {
  /** For `close`, and for messages about a clause that stands in the wrong place. */
  readonly verb: string
  readonly expression?: ExpressionDefinition
  /** Whatever else the verb was told. */
  readonly options?: object
}

/** A clause with its steps. */
export interface Clause extends ClauseHead {
  readonly steps: Steps
}

interface Frame {
  readonly steps: StepDefinition[]
  /** The block; undefined for the route itself, and for a clause. */
  readonly open?: Extract<Op, { op: 'open' }>
  readonly clauses: Clause[]
  /** A clause of the block below it. */
  readonly clause?: ClauseHead
  readonly part?: Extract<Op, { op: 'part' }>
  /** Of a block that was named before its first step. */
  id?: string
  /** Of a clause or part: what was said of it. */
  options?: object
}

/** The list of verbs becomes a tree of steps. */
export function fold(ops: readonly Op[]): RouteDefinition {
  const [first] = ops
  if (first?.op !== 'from') throw misplaced('a route begins with from()')
  let route: RouteDefinition = { from: movePlace(first, { uri: first.uri }), steps: [] }
  const frames: Frame[] = [{ steps: [], clauses: [] }]
  const top = () => frames.at(-1) as Frame

  const endClause = () => {
    const { clause, steps, options } = top()
    if (clause === undefined) return
    frames.pop()
    top().clauses.push({ ...clause, steps, ...(options && { options: { ...clause.options, ...options } }) })
  }
  const end = () => {
    endClause()
    const { open, part, steps, clauses, id, options = {} } = frames.pop() as Frame
    if (part) {
      route = part.add(route, steps, options)
      return
    }
    if (open === undefined) throw misplaced('end() without a block')
    const step = open.close(steps, clauses)
    top().steps.push(movePlace(open, id === undefined ? step : { ...step, id }))
  }

  for (const op of ops.slice(1)) {
    if (op.op === 'from') throw misplaced('a route has one from()')
    else if (op.op === 'route') route = { ...route, ...op.set }
    else if (op.op === 'step') top().steps.push(op.step)
    else if (op.op === 'id') nameLast(top(), op.id)
    else if (op.op === 'open') frames.push({ steps: [], clauses: [], open: op })
    else if (op.op === 'end') end()
    else if (op.op === 'part') {
      if (frames.length > 1 || top().steps.length > 0)
        throw misplaced(`${op.verb}() stands before the steps of its route`)
      frames.push({ steps: [], clauses: [], part: op })
    } else if (op.op === 'option') setOption(top(), op)
    else {
      endClause()
      if (top().open?.block !== op.block) throw misplaced(`${op.verb}() belongs into ${op.block}()`)
      if (op.op === 'clause') frames.push({ steps: [], clauses: [], clause: op })
    }
  }
  while (frames.length > 1) end()
  return deepFreeze({ ...route, steps: top().steps })
}

/** A part that stands alone, for what it adds to a route. */
export function foldPart(ops: readonly Op[]): RouteDefinition {
  const route = fold([{ op: 'from', uri: '' }, ...ops])
  if (route.steps.length > 0) throw misplaced(`${route.steps[0]?.kind}() stands behind the end of what it belongs to`)
  return route
}

function setOption(frame: Frame, { verb, of, set }: Extract<Op, { op: 'option' }>): void {
  const owner = frame.part?.verb ?? frame.clause?.verb ?? ''
  if (!of.includes(owner) || frame.steps.length > 0)
    throw misplaced(`${verb}() follows ${of.join('() or ')}(), before the first step`)
  frame.options = { ...frame.options, ...set }
}

function nameLast(frame: Frame, id: string): void {
  const last = frame.steps.pop()
  if (last === undefined && frame.open && frame.clauses.length === 0) {
    frame.id = id
    return
  }
  if (last === undefined) throw misplaced(`id('${id}') follows the step that it names; a route is named by routeId()`)
  frame.steps.push(movePlace(last, { ...last, id }))
}

/** A route that is written wrongly. */
export const misplaced = (what: string) => new DromedaryError('DROMEDARY_INVALID_ROUTE', what)

/** Plain data only: functions, beans (all that stands under `ref`) and values of constants belong to the user. */
function deepFreeze<T extends object>(value: T): T {
  for (const [key, inner] of Object.entries(value)) {
    if (key !== 'value' && key !== 'ref' && key !== 'processor' && typeof inner === 'object' && inner !== null)
      deepFreeze(inner)
  }
  return Object.freeze(value)
}
