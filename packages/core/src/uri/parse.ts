/**
 * An endpoint URI after parsing: placeholders resolved, RAW() taken out, values decoded.
 * `scheme:path` and `scheme://path` are the same endpoint.
 */
export interface ParsedUri {
  readonly scheme: string
  /** Between scheme and query, without leading `//`, decoded. */
  readonly path: string
  /** In the order of writing; a repeated key has several values. Decoded; RAW values as they stood. */
  readonly parameters: ReadonlyMap<string, readonly string[]>
  /** Normal form, parameters sorted by key: what endpoints are shared by. Contains secrets. */
  readonly normal: string
  /** Normal form with secrets masked: what logs and errors print. */
  readonly masked: string
  /** Everything after `scheme:`, as written: what a wrapping component (`master:`) takes apart itself. */
  readonly rest: string
}
