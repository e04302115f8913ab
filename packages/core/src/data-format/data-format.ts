import type { Exchange } from '../exchange/exchange.ts'

/**
 * Turns values into bytes or text, and back. Make one with a function such as {@link json}; `marshal` and `unmarshal`
 * take it, or the name of a bean that is one. `T` is what `unmarshal` gives. Camel: DataFormat.
 */
export interface DataFormat<T = unknown> {
  readonly name: string
  /** Goes into the header `Content-Type` of what was marshalled; nothing does without it. */
  readonly contentType?: string | undefined
  /** Throws `DROMEDARY_DATA_FORMAT` for a value that it cannot write. */
  marshal(exchange: Exchange, value: unknown): unknown | PromiseLike<unknown>
  /** Throws `DROMEDARY_DATA_FORMAT` for a body that it cannot read: it comes from outside, so quote at most 40 characters of it. */
  unmarshal(exchange: Exchange, body: unknown): T | PromiseLike<T>
}
