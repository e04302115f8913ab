import type { Clock } from '../clock.ts'
import type { Producer } from '../component/contract.ts'
import type { ExpressionDefinition } from '../definition/expression.ts'
import type { StepDefinition, StepKind, StepNodes } from '../definition/steps.ts'
import type { Processor } from '../exchange/exchange.ts'
import type { Expression, Predicate } from '../language/language.ts'
import type { Logger } from '../logger.ts'

/** How one kind of step becomes a processor. Called once per step, when its route is compiled. */
export type Eip<K extends StepKind> = (step: StepNodes[K], at: StepCompiler) => Processor

/** What a step may ask for while its route is compiled. */
export interface StepCompiler {
  readonly routeId: string
  readonly clock: Clock
  expression(definition: ExpressionDefinition): Expression
  predicate(definition: ExpressionDefinition): Predicate
  /** Steps inside of this one, under the route's error handler. */
  steps(definitions: readonly StepDefinition[]): Processor
  /** A producer that the context starts before, and closes after, all routes. Placeholders are resolved here. */
  sender(uri: string): Sender
  /** Placeholders resolved in any text. */
  text(text: string): string
  /** `origin`: the endpoint that the exchange came from; the route's own where it is not given. */
  logger(category: string, origin?: string): Logger
  lookup(name: string): unknown
  /** For URIs that come from messages. `size`: how many senders are kept; 0 means 1000, -1 none. */
  senderCache(size: number): SenderCache
}

/** A producer with the checks that come before each send. */
export interface Sender {
  /** Secrets masked. */
  readonly uri: string
  readonly producer: Producer
  readonly send: Processor
}

/** Senders for URIs that come from messages, made on first use. */
export interface SenderCache {
  /** The sender, or its promise, rejected with the errors of endpoint creation. Give it back after the send. */
  borrow(uri: string): { readonly sender: Sender | Promise<Sender>; giveBack(): void }
}
