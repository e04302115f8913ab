import { toExpression } from '../definition/expression.ts'
import { toRef } from '../definition/ref.ts'
import { DromedaryError } from '../errors.ts'
import type { IdempotentRepository } from '../idempotent/repository.ts'
import { type Duration, parseDuration } from '../uri/duration.ts'
import type { Verbs } from './blocks.ts'
import type { Family } from './builder.ts'
import type { At, Closed, Condition, Expr, Open, State } from './state.ts'

export interface IdempotentConsumerOptions {
  /** Takes the key before the steps run, so that a duplicate is seen while the first is under way. Default true. */
  readonly eager?: boolean
  /** The message is done at the end of the steps. Default false: at the end of the exchange. */
  readonly completionEager?: boolean
  /** Leaves the steps out for duplicates. False: they run, and `CamelDuplicateMessage` is true. Default true. */
  readonly skipDuplicate?: boolean
  /** Gives the key back when the message fails, so that it may come again. Default true. */
  readonly removeOnFailure?: boolean
}

export interface PausableOptions<In> {
  /** Exchanges go on while this holds. While it does not they wait, and the route takes no more. */
  readonly until: Condition<In>
  /** Time between two looks, once it did not hold. Default 1 s. */
  readonly checkInterval?: Duration
}

/** Verbs about what a consumer brings in. */
export interface ConsumerVerbs<in out S extends State> {
  /**
   * Idempotent Consumer: the steps up to `end()` run once per key. `repository` remembers keys: one of
   * `memoryIdempotentRepository()` and the like, or `#name` of a bean.
   */
  idempotentConsumer(
    key: Expr<S['body']>,
    repository: IdempotentRepository | string,
    options?: IdempotentConsumerOptions,
  ): IdempotentConsumer<Open<S, 'idempotentConsumer'>>
  /** Lets exchanges wait, and the consumer of the route pause, until a condition holds. */
  pausable(options: PausableOptions<S['body']>): At<S>
}

export interface IdempotentConsumer<in out S extends State> extends Verbs<S> {
  end(): Closed<S>
}

export const consumerVerbs: Family<ConsumerVerbs<State>> = {
  idempotentConsumer(key, repository, options = {}) {
    const { eager = true, completionEager = false, skipDuplicate = true, removeOnFailure = true } = options
    const node = {
      kind: 'idempotentConsumer',
      expression: toExpression('idempotentConsumer', key),
      idempotentRepository: toRef<IdempotentRepository>(repository),
      eager,
      completionEager,
      skipDuplicate,
      removeOnFailure,
    } as const
    return this.append({ op: 'open', block: 'idempotentConsumer', close: steps => ({ ...node, steps }) })
  },
  pausable({ until, checkInterval = 1000 }) {
    const ms = parseDuration(checkInterval)
    if (ms < 1) throw new DromedaryError('DROMEDARY_INVALID_OPTION', 'pausable: checkInterval must be at least 1 ms')
    return this.step({ kind: 'pausable', until: toExpression('pausable: until', until), checkInterval: ms })
  },
}
