import { toExpression } from '../definition/expression.ts'
import type { ResumeFailures, ResumeStrategy } from '../resume/strategy.ts'
import type { Family } from './builder.ts'
import type { At, Expr, State } from './state.ts'

export interface ResumableOptions<In> {
  /**
   * The position of an exchange in its source: a sequence number, a cursor, any value that JSON can hold. Exchanges
   * must reach this step in the order of their positions; put no asynchronous step before it.
   */
  readonly position: Expr<In>
  /** Who keeps positions: the URI of an endpoint that can (`kafka:positions`), `#name` of a bean, or a strategy. */
  readonly strategy: string | ResumeStrategy
  /** Whether messages without a position are expected; otherwise they fail. Default false. */
  readonly intermittent?: boolean
  /**
   * What an exchange that failed, and that no error handler dealt with, does. `stop` (the default): its position is
   * never passed, the leader resigns, and whoever leads next gets the message again. `pass`: it is passed over.
   */
  readonly failures?: ResumeFailures
}

/** Verbs about the source of a route. */
export interface ResumeVerbs<in out S extends State> {
  /** Resume: keeps how far the route has got in a source that can be replayed, so that the next run, or the next leader, goes on there. */
  resumable(options: ResumableOptions<S['body']>): At<S>
}

export const resumeVerbs: Family<ResumeVerbs<State>> = {
  resumable({ position, strategy, intermittent = false, failures = 'stop' }) {
    return this.step({
      kind: 'resumable',
      position: toExpression('resumable: position', position),
      strategy: typeof strategy === 'string' ? strategy : { ref: strategy },
      intermittent,
      failures,
    })
  },
}
