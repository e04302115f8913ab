import { z } from 'zod'
import { decimal, duration, flag, integer, oneOf, text } from '../component/options.ts'
import { DromedaryError } from '../errors.ts'
import { lazily, parseNode } from './parse-node.ts'

/** Camel's redelivery policy: its names, and its defaults where the description does not say otherwise. */
const redeliveryPolicy = () => {
  const level = () => oneOf(['trace', 'debug', 'info', 'warn', 'error', 'off'])
  return z.strictObject({
    maximumRedeliveries: integer({ min: -1 })
      .default(0)
      .describe('How often the failed step is tried again; -1 for ever.'),
    redeliveryDelay: duration({ min: 0 }).default(1000).describe('Wait before each new try.'),
    maximumRedeliveryDelay: duration({ min: 0 }).default(60_000).describe('No wait is longer than this.'),
    useExponentialBackOff: flag().default(false).describe('Each wait is the last one times the multiplier.'),
    backOffMultiplier: decimal({ min: 1 }).default(2).describe('The factor of the exponential back-off.'),
    useCollisionAvoidance: flag().default(false).describe('Each wait is varied at random.'),
    collisionAvoidanceFactor: decimal({ min: 0, max: 1 })
      .default(0.15)
      .describe('By which share of itself a wait is varied.'),
    delayPattern: text().optional().describe('`0:1000;5:5000`: from that try on, that wait. Beats the other delays.'),
    allowRedeliveryWhileStopping: flag().default(true).describe('Whether a route that is stopping still tries again.'),
    retriesExhaustedLogLevel: level().default('error').describe('Level of the line when nothing more is tried.'),
    retryAttemptedLogLevel: level().default('debug').describe('Level of the line for each new try.'),
    retryAttemptedLogInterval: integer({ min: 1 }).default(1).describe('Only every nth try is logged.'),
    logRetryAttempted: flag().default(true).describe('Whether new tries are logged.'),
    logExhausted: flag().default(true).describe('Whether giving up is logged.'),
    logHandled: flag().default(false).describe('Whether giving up is logged although a dead letter endpoint took it.'),
    logContinued: flag()
      .default(false)
      .describe('Whether giving up is logged although an `onException` lets the route go on.'),
    logNewException: flag().default(true).describe('Whether a failure within the steps of an `onException` is logged.'),
    logStackTrace: flag().default(true).describe('Whether the line on giving up has the stack trace.'),
  })
}

const deadLetterOptions = () =>
  redeliveryPolicy().extend({
    useOriginalMessage: flag().default(false).describe('What is dead-lettered is the message as it entered the route.'),
    useOriginalBody: flag().default(false).describe('What is dead-lettered has the body as it entered the route.'),
    deadLetterHandleNewException: flag()
      .default(false)
      .describe('Whether a failure of the dead letter endpoint itself is logged and swallowed. Camel: true.'),
  })

/** Schemas are built when they are first needed: a program that only imports core does not pay for them. */
export const policySchema = lazily(redeliveryPolicy)
export const deadLetterSchema = lazily(deadLetterOptions)

export type RedeliveryPolicy = z.output<ReturnType<typeof redeliveryPolicy>>
export type ErrorHandlerOptions = z.input<ReturnType<typeof redeliveryPolicy>>
export type DeadLetterOptions = z.input<ReturnType<typeof deadLetterOptions>>

/** What happens to a step that fails. Frozen plain data. */
export type ErrorHandlerDefinition =
  | { readonly kind: 'default'; readonly redelivery: RedeliveryPolicy }
  | {
      readonly kind: 'deadLetterChannel'
      readonly deadLetterUri: string
      readonly redelivery: RedeliveryPolicy
      readonly useOriginalMessage: boolean
      readonly useOriginalBody: boolean
      readonly deadLetterHandleNewException: boolean
    }
  | { readonly kind: 'none' }

/** Tries again as told, then the failure goes to whoever sent the exchange in. Throws `DROMEDARY_INVALID_OPTION`. */
export function defaultErrorHandler(options: ErrorHandlerOptions = {}): ErrorHandlerDefinition {
  return Object.freeze({
    kind: 'default',
    redelivery: Object.freeze(parseNode('defaultErrorHandler', policySchema(), options)),
  })
}

/**
 * Tries again as told, then sends a copy to the dead letter endpoint: the failure is dealt with, the sender sees none.
 * Throws `DROMEDARY_INVALID_OPTION`.
 */
export function deadLetterChannel(deadLetterUri: string, options: DeadLetterOptions = {}): ErrorHandlerDefinition {
  const { useOriginalMessage, useOriginalBody, deadLetterHandleNewException, ...redelivery } = parseNode(
    'deadLetterChannel',
    deadLetterSchema(),
    options,
  )
  if (useOriginalMessage && useOriginalBody) {
    throw new DromedaryError(
      'DROMEDARY_INVALID_OPTION',
      'deadLetterChannel takes useOriginalMessage or useOriginalBody, not both',
    )
  }
  return Object.freeze({
    kind: 'deadLetterChannel',
    deadLetterUri,
    redelivery: Object.freeze(redelivery),
    useOriginalMessage,
    useOriginalBody,
    deadLetterHandleNewException,
  })
}

/** What an `onException` says of redelivery itself: what it leaves out is as in the error handler. Throws `DROMEDARY_INVALID_OPTION`. */
export function partOfPolicy(options: ErrorHandlerOptions): Partial<RedeliveryPolicy> {
  const checked: Readonly<Record<string, unknown>> = parseNode('onException', policySchema(), options)
  return Object.freeze(Object.fromEntries(Object.keys(options).map(name => [name, checked[name]])))
}

/** Failures go straight to the caller: the calling route's error handler sees them as a failure of its own step. */
export const noErrorHandler = (): ErrorHandlerDefinition => Object.freeze({ kind: 'none' })
