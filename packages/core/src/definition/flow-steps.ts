import type { Processor } from '../exchange/exchange.ts'
import type { ExpressionDefinition } from './expression.ts'
import type { Ref } from './ref.ts'
import type { StepNode } from './steps.ts'

export interface WireTapStep extends StepNode<'wireTap'> {
  /** Simple, evaluated per exchange, with `dynamicUri`. */
  readonly uri: string
  readonly dynamicUri: boolean
  /** Sends a copy; else a new, empty exchange. */
  readonly copy: boolean
  /** Called with what is sent, before it is. */
  readonly onPrepare?: Ref<Processor>
  /** The variable whose value is sent as the body. */
  readonly variableSend?: string
  /** Schemes that may come out of a dynamic URI; any where it is not given. */
  readonly allowedSchemes?: readonly string[]
  readonly ignoreInvalidEndpoint: boolean
  /** How many producers are kept, least recently used first out; 0 means 1000, -1 none. */
  readonly cacheSize: number
}

export interface ThrottleStep extends StepNode<'throttle'> {
  /** Gives how many; asked for each exchange, so that it may change. */
  readonly expression: ExpressionDefinition
  readonly mode: 'TotalRequests' | 'ConcurrentRequests'
  /** Each value of it has a limit of its own. */
  readonly correlationExpression?: ExpressionDefinition
  /** Milliseconds. */
  readonly timePeriodMillis: number
  /** Fails what is too much, instead of delaying it. */
  readonly rejectExecution: boolean
}
