import { z } from 'zod'
import type { AggregationStrategy } from '../aggregation/strategy.ts'
import { decimal, duration, flag, integer, text } from '../component/options.ts'
import type { ExpressionDefinition } from '../definition/expression.ts'
import type { SplitStep } from '../definition/gathering-steps.ts'
import { exact, lazily, parseNode } from '../definition/parse-node.ts'
import { type Ref, toRef } from '../definition/ref.ts'
import type { Processor } from '../exchange/exchange.ts'
import type { ResumeStrategy } from '../resume/strategy.ts'

export const splitOptions = lazily(() =>
  z.strictObject({
    delimiter: text()
      .default(',')
      .describe('Where a text is cut, word for word; `false`: nowhere; `single`: any value is one item.'),
    parallelProcessing: flag().default(false).describe('Runs parts at once; the route still waits for all of them.'),
    poolSize: integer({ min: 1 }).default(10).describe('How many parts run at once, in parallel.'),
    streaming: flag()
      .default(false)
      .describe('Takes items as they come, without knowing how many; in parallel, parts count as they are done.'),
    stopOnException: flag().default(false).describe('The first failure ends the split, and fails the exchange.'),
    timeout: duration({ min: 0 }).default(0).describe('Leaves out parts that take longer, in parallel; 0: none.'),
    shareUnitOfWork: flag()
      .default(false)
      .describe('Parts succeed or fail as one: a failure is dead-lettered once, as the exchange.'),
    group: integer({ min: 1 }).optional().describe('So many items become one part, as a list.'),
    errorThreshold: decimal({ min: 0, max: 1 })
      .optional()
      .describe('The split ends, and fails, when this share of the parts so far has failed.'),
    watermarkKey: text().optional().describe('The key under which resumeStrategy keeps how far the split got.'),
    watermarkExpression: text()
      .optional()
      .describe('Simple: what is kept of the last part, instead of its index; then no part is skipped.'),
    maxFailedRecords: integer({ min: 1 }).optional().describe('The split ends, and fails, with this many failures.'),
  }),
)

/** Options of `split`, with Camel's names and defaults. */
export type SplitOptions = z.input<ReturnType<typeof splitOptions>> & {
  /** What the parts come together to: a strategy, or the name of a bean. Without it the exchange stays as it was. */
  readonly aggregationStrategy?: string | AggregationStrategy | Ref<AggregationStrategy>
  /** Called with each part before its steps: for deep copies. A function, or the name of a bean. */
  readonly onPrepare?: string | Processor | Ref<Processor>
  /** Keeps how far the split got in what it splits again and again; the next time parts up to there are skipped. */
  readonly resumeStrategy?: string | ResumeStrategy | Ref<ResumeStrategy>
}

/** Throws `DROMEDARY_INVALID_OPTION`. */
export function splitNode(expression: ExpressionDefinition, options: SplitOptions): Omit<SplitStep, 'steps'> {
  const { aggregationStrategy, onPrepare, resumeStrategy, ...rest } = options
  return exact<Omit<SplitStep, 'steps'>>({
    kind: 'split',
    expression,
    ...(parseNode('split', splitOptions(), rest) as Omit<SplitStep, 'kind' | 'expression' | 'steps'>),
    ...(aggregationStrategy === undefined ? {} : { aggregationStrategy: toRef(aggregationStrategy) }),
    ...(onPrepare === undefined ? {} : { onPrepare: toRef(onPrepare) }),
    ...(resumeStrategy === undefined ? {} : { resumeStrategy: toRef(resumeStrategy) }),
  })
}
