import type { ConversionTarget, Converted, TypeConverters } from './converters.ts'
import { Headers } from './headers.ts'

/** Body and headers. Assign to {@link body} to change it; ask {@link getBody} for it as another type. */
export class Message<B = unknown> {
  body: B
  #headers: Headers | undefined
  readonly #converters: TypeConverters

  constructor(body: B, converters: TypeConverters, headers?: Headers) {
    this.body = body
    this.#converters = converters
    this.#headers = headers
  }

  /** Made on first use. */
  get headers(): Headers {
    this.#headers ??= new Headers()
    return this.#headers
  }

  /** The value of a header, without making the headers of a message that has none. */
  header(name: string): unknown {
    return this.#headers?.get(name)
  }

  setHeader(name: string, value: unknown): this {
    this.headers.set(name, value)
    return this
  }

  removeHeader(name: string): boolean {
    return this.#headers?.delete(name) ?? false
  }

  hasHeaders(): boolean {
    return this.#headers !== undefined && this.#headers.size > 0
  }

  /** The body as it is, or converted; undefined where no converter fits. Camel: `getBody(Class)`. */
  getBody(): B
  getBody<T extends ConversionTarget>(type: T): Converted<T> | undefined
  getBody(type?: ConversionTarget): unknown {
    return type === undefined ? this.body : this.#converters.convert(this.body, type)
  }

  /** As {@link getBody}, but throws `DROMEDARY_NO_CONVERTER` where no converter fits. Camel: `getMandatoryBody(Class)`. */
  getMandatoryBody<T extends ConversionTarget>(type: T): Converted<T> {
    return this.#converters.mandatory(this.body, type)
  }

  /** A header as another type; undefined where it is missing or no converter fits. */
  getHeader<T extends ConversionTarget>(name: string, type: T): Converted<T> | undefined {
    return this.#converters.convert(this.header(name), type)
  }

  /** Shares the body, copies the header table. */
  copy(): Message<B> {
    return new Message(this.body, this.#converters, this.#headers?.copy())
  }
}
