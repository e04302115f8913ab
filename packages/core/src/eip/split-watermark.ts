import { simple } from '../definition/expression.ts'
import type { SplitStep } from '../definition/gathering-steps.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import type { Expression } from '../language/language.ts'
import type { ResumeStrategy } from '../resume/strategy.ts'
import type { StepCompiler } from './eip.ts'
import { hasMethods, resolveRef } from './resolve-ref.ts'
import type { Items } from './split-items.ts'

/** How far a split has got in what it splits again and again: kept by a resume strategy, under a key of its own. */
export interface Watermark {
  readonly key: string
  readonly strategy: ResumeStrategy
  /** What a part that did not fail says of itself; without it its index counts, and parts up to it are skipped. */
  readonly expression: Expression | undefined
}

export function watermarkOf(step: SplitStep, at: StepCompiler): Watermark | undefined {
  const { resumeStrategy, watermarkKey, watermarkExpression } = step
  if (resumeStrategy === undefined || watermarkKey === undefined) return undefined
  return {
    key: at.text(watermarkKey),
    strategy: resolveRef(resumeStrategy, at, 'a resume strategy', hasMethods('load', 'update')),
    expression: watermarkExpression === undefined ? undefined : at.expression(simple(watermarkExpression)),
  }
}

/** The watermark of one exchange. */
export class WatermarkRun {
  readonly #watermark: Watermark
  readonly #exchange: Exchange
  #highest = -1
  #value: unknown

  constructor(watermark: Watermark, exchange: Exchange) {
    this.#watermark = watermark
    this.#exchange = exchange
  }

  /** Says what was kept (`CamelSplitWatermark`), and skips the parts up to it; how many these were. */
  async begin(items: Items): Promise<number> {
    const { key, strategy, expression } = this.#watermark
    const { guard, signal } = this.#exchange
    const kept = await strategy.load({ routeId: key, leadership: guard?.leadership, signal })
    if (kept === undefined || kept === null) return 0
    this.#exchange.setProperty(NAMES.splitWatermark, kept)
    if (expression !== undefined) return 0
    let skipped = 0
    while (skipped <= Number(kept) && (await items.advance())) skipped++
    return skipped
  }

  /** A part that did not fail. */
  reached(part: Exchange, index: number): void {
    if (index < this.#highest) return
    this.#highest = index
    this.#value = this.#watermark.expression === undefined ? index : this.#watermark.expression(part)
  }

  /** The whole did not fail: it is kept when the exchange has ended. */
  keep(): void {
    const value = this.#value
    if (value !== undefined && value !== null) this.#watermark.strategy.update(this.#exchange, value, 'stop')
  }
}
