import { z } from 'zod'

/** What the feed sends. */
export const trade = z.object({
  /** Its place in the feed: 1, 2, … */
  seq: z.int().positive(),
  symbol: z.string().min(1),
  /** In dollars. */
  price: z.string().regex(/^\d+\.\d\d$/),
  size: z.int().positive(),
  side: z.enum(['B', 'S']),
  time: z.iso.datetime(),
})

export type Trade = z.output<typeof trade>

/** What is published of it. */
export interface Sale {
  readonly seq: number
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly cents: number
  readonly size: number
  readonly time: string
}

/** Money is counted in cents: fractions of a dollar are no numbers to reckon with. */
export function saleOf({ seq, symbol, price, size, side, time }: Trade): Sale {
  const cents = Number(price.replace('.', ''))
  return { seq, symbol, side: side === 'B' ? 'buy' : 'sell', cents, size, time }
}
