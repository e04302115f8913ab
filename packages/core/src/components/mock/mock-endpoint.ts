import type { ContextView, Endpoint, Producer } from '../../component/contract.ts'
import type { Exchange, Processor } from '../../exchange/exchange.ts'
import { Throughput } from '../log/throughput.ts'
import { type Asserted, type MockSettings, unsatisfied, untilSatisfied } from './assertion.ts'
import { Changes } from './changes.ts'
import { ExpectationSet } from './expectation-set.ts'
import {
  bodiesInAnyOrder,
  bodiesInOrder,
  countOf,
  type ExchangeValue,
  eachWith,
  holds,
  noDuplicates,
  ordered,
} from './expectations.ts'
import type { MockOptions } from './options.ts'
import { Received } from './received.ts'
import { Replies, type Reply } from './replies.ts'
import { showShort } from './show-short.ts'
import { snapshot } from './snapshot.ts'

/**
 * Stands for an endpoint in a test: records what it is sent, replies as it was told, and says whether what came is what
 * was expected. Each `expected…` says how many messages there are to be, or leaves that open; then at least one.
 * Camel: MockEndpoint.
 */
export class MockEndpoint implements Endpoint {
  readonly uri: string
  /** The options of its URI, for a test to change; times in milliseconds. */
  readonly settings: MockSettings
  readonly #options: MockOptions
  readonly #context: ContextView
  readonly #received = new Received()
  readonly #expectations = new ExpectationSet(this.#received)
  readonly #replies = new Replies()
  readonly #changes: Changes
  readonly #asserted: Asserted
  readonly #throughput: Throughput | undefined

  constructor(uri: string, options: MockOptions, context: ContextView) {
    this.uri = uri
    this.settings = { ...options }
    this.#options = options
    this.#context = context
    const { clock } = context
    const received = this.#received
    const expectations = this.#expectations
    const changes = new Changes(clock)
    this.#changes = changes
    this.#asserted = { uri, settings: this.settings, clock, received, expectations, changes }
    const { reportGroup: size } = options
    if (size !== undefined) this.#throughput = new Throughput(clock, { size }, line => this.#logger().info(line))
    this.reset()
  }

  /** What was recorded: copies, unless `copyOnExchange` is off; the first and last few, if `retainFirst` or `retainLast` is set. */
  get received(): readonly Exchange[] {
    return this.#received.kept
  }

  /** How many exchanges came, kept or not. */
  get receivedCount(): number {
    return this.#received.count
  }

  /** Exactly so many messages. */
  expectedMessageCount(count: number): this {
    return this.#expect(() => this.#expectations.set('count', countOf(count)))
  }

  /** So many messages or more; the wait ends when so many came. */
  expectedMinimumMessageCount(count: number): this {
    return this.#expect(() => this.#expectations.set('count', countOf(count, true)))
  }

  /**
   * Exactly these bodies, in this order. Compared deeply; where a text, number, boolean, date or buffer is expected, the
   * body is first converted to it.
   */
  expectedBodiesReceived(...bodies: readonly unknown[]): this {
    this.expectedMessageCount(bodies.length)
    return this.#expect(() => this.#expectations.set('bodies', bodiesInOrder(bodies)))
  }

  /** Exactly these bodies, in any order. */
  expectedBodiesReceivedInAnyOrder(...bodies: readonly unknown[]): this {
    this.expectedMessageCount(bodies.length)
    return this.#expect(() => this.#expectations.set('bodies', bodiesInAnyOrder(bodies)))
  }

  /** In each message this header. Undefined: it is missing. */
  expectedHeaderReceived(name: string, value: unknown): this {
    return this.#expectEach('header', name, ({ message }) => message.header(name), value)
  }

  /** In each message this property of the exchange. Undefined: it is missing. */
  expectedPropertyReceived(name: string, value: unknown): this {
    return this.#expectEach('property', name, exchange => exchange.getProperty(name), value)
  }

  /** In each message this variable of the exchange. Undefined: it is missing. */
  expectedVariableReceived(name: string, value: unknown): this {
    return this.#expectEach('variable', name, exchange => exchange.getVariable(name), value)
  }

  /** No two messages for which this gives the same value. */
  expectsNoDuplicates(value: ExchangeValue): this {
    return this.#expect(() => this.#expectations.add(noDuplicates(value)))
  }

  /** Each value greater than the one before. */
  expectsAscending(value: ExchangeValue): this {
    return this.#expect(() => this.#expectations.add(ordered('ascending', value)))
  }

  /** Each value smaller than the one before. */
  expectsDescending(value: ExchangeValue): this {
    return this.#expect(() => this.#expectations.add(ordered('descending', value)))
  }

  /**
   * Something about all recorded messages: it does not hold while the predicate returns false or throws. Asked again
   * with each message that comes. Alone, it says nothing of how many there are to be.
   */
  expects(predicate: (received: readonly Exchange[]) => unknown): this {
    return this.#expect(() => this.#expectations.add(holds(predicate)))
  }

  /** Runs on each exchange after it was recorded; may change it, wait, and throw. */
  whenAnyExchangeReceived(processor: Processor): this {
    this.#replies.onAny(processor)
    return this
  }

  /** Runs on the `count`th exchange, the first being 1, instead of the processor for any. */
  whenExchangeReceived(count: number, processor: Processor): this {
    this.#replies.onNth(count, processor)
    return this
  }

  /** Sets the body of each exchange after it was recorded; a function makes it from the exchange. */
  returnReplyBody(body: Reply): this {
    this.#replies.body(body)
    return this
  }

  /** Sets a header of each exchange after it was recorded; a function makes it from the exchange. */
  returnReplyHeader(name: string, value: Reply): this {
    this.#replies.header(name, value)
    return this
  }

  /** Forgets messages, expectations and replies; settings are again what the URI says. */
  reset(): void {
    Object.assign(this.settings, this.#options)
    this.#received.clear()
    this.#replies.clear()
    this.#expectations.clear()
    if (this.#options.expectedCount >= 0) this.expectedMessageCount(this.#options.expectedCount)
    this.#changes.tell()
  }

  /**
   * Waits until what was expected came, at most `withinMs` (default: `resultWaitTime`). Rejects with
   * `DROMEDARY_EXPECTATION_FAILED`: what was expected and what came; also when nothing was expected.
   *
   * That nothing comes is believed only after `withinMs` (default: `sleepForEmptyTest`, 250 ms) without a message. In
   * Camel an expected count of 0 passes at once, before anything had time to arrive.
   */
  assertIsSatisfied(withinMs?: number): Promise<void> {
    return untilSatisfied(this.#asserted, withinMs)
  }

  /** Resolves when {@link assertIsSatisfied} would reject because of what came, or did not; rejects when all is as expected. */
  async assertIsNotSatisfied(withinMs?: number): Promise<void> {
    const satisfied = await this.assertIsSatisfied(withinMs).then(
      () => true,
      () => false,
    )
    if (satisfied) throw unsatisfied(this.#asserted, 'everything came as expected, which was not to be')
  }

  /** For the runtime. */
  producer(): Producer {
    return { external: false, send: exchange => this.#receive(exchange) }
  }

  #receive(exchange: Exchange): void | Promise<void> {
    const recorded = this.settings.copyOnExchange ? snapshot(exchange) : exchange
    this.#received.add(recorded, this.settings)
    const { count } = this.#received
    this.#expectations.see(recorded, count - 1)
    if (this.settings.log) this.#logger().info(`received message ${count}: ${showShort(exchange.body)}`)
    this.#throughput?.count()
    this.#changes.tell()
    return this.#replies.run(exchange, count)
  }

  #expect(add: () => void): this {
    add()
    this.#changes.tell()
    return this
  }

  #expectEach(kind: string, name: string, value: ExchangeValue, expected: unknown): this {
    const what = `${kind} ${name}`
    return this.#expect(() => this.#expectations.set(what, eachWith(what, value, expected)))
  }

  #logger() {
    return this.#context.logger('mock', this.uri.split('?')[0])
  }
}
