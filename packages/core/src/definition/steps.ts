import type { ExchangePattern, Processor } from '../exchange/exchange.ts'
import type { LogLevel } from '../logger.ts'
import type { IdempotentConsumerStep, PausableStep } from './consumer-steps.ts'
import type { MarshalStep, UnmarshalStep, ValidateStep } from './data-steps.ts'
import type { DoTryStep } from './error-steps.ts'
import type { ExpressionDefinition } from './expression.ts'
import type { ThrottleStep, WireTapStep } from './flow-steps.ts'
import type { AggregateStep, SplitStep } from './gathering-steps.ts'
import type { ResumableStep } from './resume-steps.ts'

/**
 * The steps of a route as frozen plain data: one node per EIP, with Camel's option names. The engine reads nothing else.
 * A new EIP is an interface here, a line in {@link StepNodes}, a file in `eip/` and a verb in `dsl/`.
 */
export interface StepNode<K extends string> {
  readonly kind: K
  /** Of the step, unique in its route; generated (`log1`, `to2`) where it is not given. */
  readonly id?: string
}

/** A step that other steps are nested in: `definition/blocks.ts` says where they lie. */
export interface BlockNode<K extends string> extends StepNode<K> {
  /** For the compiler alone; never there at run time. */
  readonly '~block'?: never
}

export interface ProcessStep extends StepNode<'process'> {
  /** A function, or the name of a bean that is one. */
  readonly processor: Processor | { readonly ref: string }
}

export interface BeanStep extends StepNode<'bean'> {
  /** Name in the registry, or the object itself. */
  readonly ref: string | object
  /** Left out where the bean is a function or has one method. */
  readonly method?: string
}

export interface LogStep extends StepNode<'log'> {
  /** Simple. */
  readonly message: string
  readonly loggingLevel: LogLevel
  /** Category; the route id where it is not given. */
  readonly logName?: string
}

export interface ToStep extends StepNode<'to'> {
  readonly uri: string
  /** Forces the pattern for this send. */
  readonly pattern?: ExchangePattern
}

export interface ToDynamicStep extends StepNode<'toD'> {
  /** Simple, evaluated per exchange. */
  readonly uri: string
  readonly pattern?: ExchangePattern
  /** Schemes that may come out; any where it is not given. */
  readonly allowedSchemes?: readonly string[]
  /** Skip, instead of fail, when what comes out is no endpoint. */
  readonly ignoreInvalidEndpoint: boolean
  /** How many producers are kept, least recently used first out; 0 means 1000, -1 none. */
  readonly cacheSize: number
}

export interface SetBodyStep extends StepNode<'setBody'> {
  readonly expression: ExpressionDefinition
}

export interface TransformStep extends StepNode<'transform'> {
  readonly expression: ExpressionDefinition
}

export interface SetHeaderStep extends StepNode<'setHeader'> {
  readonly name: string
  readonly expression: ExpressionDefinition
}

export interface SetHeadersStep extends StepNode<'setHeaders'> {
  readonly headers: readonly { readonly name: string; readonly expression: ExpressionDefinition }[]
}

export interface SetPropertyStep extends StepNode<'setProperty'> {
  readonly name: string
  readonly expression: ExpressionDefinition
}

export interface SetVariableStep extends StepNode<'setVariable'> {
  readonly name: string
  readonly expression: ExpressionDefinition
}

export interface RemoveHeaderStep extends StepNode<'removeHeader'> {
  readonly name: string
}

export interface RemoveHeadersStep extends StepNode<'removeHeaders'> {
  /** Exact, `prefix*` or a regular expression for the whole name; without regard to case. */
  readonly pattern: string
  /** What stays although it matches. */
  readonly excludePattern?: string
}

export interface FilterStep extends BlockNode<'filter'> {
  readonly expression: ExpressionDefinition
  /** Exchange property that says whether it matched. */
  readonly statusPropertyName?: string
  readonly steps: readonly StepDefinition[]
}

export interface ChoiceStep extends BlockNode<'choice'> {
  readonly when: readonly WhenClause[]
  readonly otherwise?: { readonly steps: readonly StepDefinition[] }
}

export interface WhenClause {
  readonly expression: ExpressionDefinition
  readonly steps: readonly StepDefinition[]
}

export interface StopStep extends StepNode<'stop'> {}

export interface DelayStep extends StepNode<'delay'> {
  /** Milliseconds, or a text such as `1m30s`. */
  readonly expression: ExpressionDefinition
}

/** Every step by its kind. */
export interface StepNodes {
  process: ProcessStep
  bean: BeanStep
  log: LogStep
  to: ToStep
  toD: ToDynamicStep
  setBody: SetBodyStep
  transform: TransformStep
  setHeader: SetHeaderStep
  setHeaders: SetHeadersStep
  setProperty: SetPropertyStep
  setVariable: SetVariableStep
  removeHeader: RemoveHeaderStep
  removeHeaders: RemoveHeadersStep
  filter: FilterStep
  choice: ChoiceStep
  split: SplitStep
  aggregate: AggregateStep
  marshal: MarshalStep
  unmarshal: UnmarshalStep
  validate: ValidateStep
  wireTap: WireTapStep
  throttle: ThrottleStep
  resumable: ResumableStep
  stop: StopStep
  delay: DelayStep
  doTry: DoTryStep
  idempotentConsumer: IdempotentConsumerStep
  pausable: PausableStep
}

export type StepKind = keyof StepNodes
export type StepDefinition = StepNodes[StepKind]
