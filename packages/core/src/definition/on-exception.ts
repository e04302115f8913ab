import { DromedaryError } from '../errors.ts'
import type { Processor } from '../exchange/exchange.ts'
import { type ErrorHandlerOptions, partOfPolicy, type RedeliveryPolicy } from './error-handler.ts'
import type { ErrorType } from './error-type.ts'
import type { ExpressionDefinition } from './expression.ts'
import type { Ref } from './ref.ts'
import type { StepDefinition } from './steps.ts'

/** What is done about failures of one kind, in a route or in all routes of a context. Frozen plain data. */
export interface OnExceptionDefinition {
  /** Of which one must fit, to the failure or one of its causes. None: any failure. */
  readonly exception: readonly ErrorType[]
  /** The clause holds only for exchanges that match. */
  readonly onWhen?: ExpressionDefinition
  /** Whether the failure is dealt with: the sender sees none, and gets what the steps made. Not given: it is not. */
  readonly handled?: ExpressionDefinition
  /** Whether the route goes on after the step that failed. Not given: it does not. */
  readonly continued?: ExpressionDefinition
  /** Tried again as long as this holds, whatever the maximum; `CamelRedeliveryCounter` is 1 when it is first asked. */
  readonly retryWhile?: ExpressionDefinition
  /** What differs from the policy of the error handler. Nothing is redelivered unless it is said here. */
  readonly redeliveryPolicy: Partial<RedeliveryPolicy>
  /** The steps, or the dead letter endpoint, get the message as it entered the route. */
  readonly useOriginalMessage: boolean
  /** They get the body as it entered the route. */
  readonly useOriginalBody: boolean
  /** Runs before each new try, and may change the exchange. */
  readonly onRedelivery?: Ref<Processor>
  /** Runs at each failure, before anything is done about it. What it throws is logged and changes nothing. */
  readonly onExceptionOccurred?: Ref<Processor>
  /** Run when nothing more is tried. Without steps the failure goes where it went without the clause. */
  readonly steps: readonly StepDefinition[]
}

/** What a context takes for a clause: a definition, or a builder that has one. */
export type OnExceptionSource = OnExceptionDefinition | { readonly definition: OnExceptionDefinition }

export const toOnException = (source: OnExceptionSource): OnExceptionDefinition =>
  'definition' in source ? source.definition : source

/** What a clause was told, one verb after the other: its own options, and those of its redelivery. */
export type OnExceptionOptions = Partial<Omit<OnExceptionDefinition, 'exception' | 'redeliveryPolicy' | 'steps'>> &
  ErrorHandlerOptions

/** Throws `DROMEDARY_INVALID_OPTION`, `DROMEDARY_INVALID_ROUTE`. */
export function onExceptionDefinition(
  exception: readonly ErrorType[],
  options: OnExceptionOptions,
  steps: readonly StepDefinition[],
): OnExceptionDefinition {
  const { onWhen, handled, continued, retryWhile, useOriginalMessage = false, useOriginalBody = false } = options
  const { onRedelivery, onExceptionOccurred } = options
  if (useOriginalMessage && useOriginalBody) {
    const message = 'onException takes useOriginalMessage or useOriginalBody, not both'
    throw new DromedaryError('DROMEDARY_INVALID_OPTION', message)
  }
  if (handled && continued) {
    const message = 'onException takes handled or continued, not both: one ends the route, the other lets it go on'
    throw new DromedaryError('DROMEDARY_INVALID_ROUTE', message)
  }
  return {
    exception,
    ...(onWhen && { onWhen }),
    ...(handled && { handled }),
    ...(continued && { continued }),
    ...(retryWhile && { retryWhile }),
    redeliveryPolicy: partOfPolicy(redeliveryOptions(options)),
    useOriginalMessage,
    useOriginalBody,
    ...(onRedelivery && { onRedelivery }),
    ...(onExceptionOccurred && { onExceptionOccurred }),
    steps,
  }
}

const OWN: ReadonlySet<string> = new Set<keyof Omit<OnExceptionOptions, keyof ErrorHandlerOptions>>([
  'onWhen',
  'handled',
  'continued',
  'retryWhile',
  'useOriginalMessage',
  'useOriginalBody',
  'onRedelivery',
  'onExceptionOccurred',
])

const redeliveryOptions = (options: OnExceptionOptions): ErrorHandlerOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !OWN.has(name)))
