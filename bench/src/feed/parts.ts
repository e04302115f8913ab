import { messageOf } from '@dromedary/core'
import type { KafkaServer } from '@dromedary/test-servers/kafka'
import type { Results } from './turns.ts'

/** The parts of `pnpm bench feed`, each also by itself: `feed:lines` … */
export const FEED_PARTS = ['lines', 'consumer', 'producer', 'connections'] as const
export type FeedPart = (typeof FEED_PARTS)[number]

/** What parts are measured with. */
export interface Site {
  readonly kafka: KafkaServer
  /** A few messages, once: does it run at all? */
  readonly quick: boolean
  /** For people who wonder. */
  readonly note: (text: string) => void
  /** What must be read with the figures. */
  readonly say: (text: string) => void
}

/** A figure against what it must be. */
export interface Target {
  readonly what: string
  readonly value: number
  readonly atLeast?: number
  readonly atMost?: number
}

/** What a part found. Ours come first, and are held against each of the others. */
export interface PartResult {
  readonly title: string
  readonly results: readonly Results[]
  readonly targets: readonly Target[]
  /** What does not fit into the table. */
  readonly lines?: readonly string[]
}

/** Something could not be measured; the others still are, and the run has failed. */
export function missing({ say }: Site, what: string, error: unknown): undefined {
  process.exitCode = 1
  say(`!!! ${what.toUpperCase()} IS NOT MEASURED: ${messageOf(error)}`)
}
