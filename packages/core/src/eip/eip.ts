import type { Clock } from '../clock.ts'
import type { Producer } from '../component/contract.ts'
import type { ExpressionDefinition } from '../definition/expression.ts'
import type { ResumableStep } from '../definition/resume-steps.ts'
import type { StepDefinition, StepKind, StepNodes } from '../definition/steps.ts'
import type { Exchange, Processor } from '../exchange/exchange.ts'
import type { Expression, Predicate } from '../language/language.ts'
import type { Logger } from '../logger.ts'

/** How one kind of step becomes a processor. Called once per step, when its route is compiled. */
export type Eip<K extends StepKind> = (step: StepNodes[K], at: StepCompiler) => Processor

/** What a step may ask for while its route is compiled. */
export interface StepCompiler {
  readonly routeId: string
  /** Of the step itself, for messages. */
  readonly stepId: string
  readonly clock: Clock
  /** Of the route, for Dromedary's own lines. */
  readonly log: Logger
  /** Whether the context has a cluster service: its routes may be led. */
  readonly clustered: boolean
  /** Between 0 and 1, 1 excluded. */
  random(): number
  expression(definition: ExpressionDefinition): Expression
  predicate(definition: ExpressionDefinition): Predicate
  /** Steps inside of this one, under the route's error handler. */
  steps(definitions: readonly StepDefinition[]): Processor
  /** Steps inside of this one that no error handler looks after, nor anything nested in them. */
  tried(definitions: readonly StepDefinition[]): TriedSteps
  /** What the step itself does, under the route's error handler: for what it runs beside the route. */
  handled(run: Processor): Processor
  /** Whether the route is on its way to a stop. */
  stopping(): boolean
  /** Whether another route takes the place of this one, and goes on with what it leaves outside. */
  replaced(): boolean
  /** The consumer of the route takes nothing more until {@link unpause}, while what is under way goes on. */
  pause(): void
  unpause(): void
  /** What the step does at start and stop of its route. */
  service(service: StepService): void
  /** Ends an exchange that the step made itself: runs its unit of work, once. */
  complete(exchange: Exchange): void | Promise<void>
  /**
   * Runs an exchange that the step made itself beside the route: counted, drained and ended like those that entered. A
   * failure that no error handler saw is logged. Never throws or rejects.
   */
  detached(exchange: Exchange, run: Processor): void | Promise<void>
  /** Counts what goes on for an exchange beside the route as in flight, until what it returns is called. */
  hold(exchange: Exchange): () => void
  /** A producer that the context starts before, and closes after, all routes. Placeholders are resolved here. */
  sender(uri: string): Sender
  /** Placeholders resolved in any text. */
  text(text: string): string
  /** `origin`: the endpoint that the exchange came from; the route's own where it is not given. */
  logger(category: string, origin?: string): Logger
  lookup(name: string): unknown
  /** Makes the step the one that keeps the route's position; gives what is told of each position. One per route. */
  resume(step: ResumableStep): (exchange: Exchange, position: unknown) => void
  /** For URIs that come from messages. `size`: how many senders are kept; 0 means 1000, -1 none. */
  senderCache(size: number): SenderCache
}

/** The life of a step that keeps something. Calls are in order, never two at once. */
export interface StepService {
  /** Before the consumer of the route starts. Rejects with what is wrong: then the route does not start. */
  start?(): void | Promise<void>
  /** Nothing enters the route any more and nothing is in flight: hand on what is kept, and wait for it. */
  drain?(): void | Promise<void>
  /** After the drain, or when it took too long. Frees everything. */
  stop?(): void | Promise<void>
  /** While it runs: the route whose place its own took has stopped. What that left outside is this one's now. */
  inherit?(): void | Promise<void>
}

/** What fails in these steps fails the exchange, and is left to the step around them. */
export interface TriedSteps {
  /** Never throws or rejects: look at the exchange. */
  readonly run: Processor
  /**
   * Whether the exchange failed in these steps themselves, and not in a route that they called, whose own error handler has
   * had its turn. Ask once after each run.
   */
  thrown(exchange: Exchange): boolean
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
