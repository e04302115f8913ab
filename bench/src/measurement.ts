/** What a measurement beside the routes found. */
export interface Measurement {
  readonly name: string
  /** For people: one line, or several. */
  readonly line: string
  readonly figures: Readonly<Record<string, number>>
}
