import type { Line } from '@dromedary/testing/harness'

/** The line of an election that a member has won. */
export const ELECTED =
  /\[cluster\] .* leader of camel-master is this member, (?<id>\S+), pod (?<pod>\S+), Lease (?<lease>\S+), term (?<term>\d+), after [\d.]+ m?s without a leader \((?<reason>.*)\)$/

/** What a member says when it has been elected. */
export interface Elected {
  readonly id: string
  readonly pod: string
  /** `<namespace>/<name>` */
  readonly lease: string
  readonly term: bigint
  /** Why the term before has ended. */
  readonly reason: string
  /** When the line was read, by the host's monotonic clock. */
  readonly at: number
}

/** Reads the line of an election; undefined for any other. */
export function electedIn({ text, at }: Pick<Line, 'text' | 'at'>): Elected | undefined {
  const { id = '', pod = '', lease = '', term = '', reason = '' } = ELECTED.exec(text)?.groups ?? {}
  return term === '' ? undefined : { id, pod, lease, term: BigInt(term), reason, at }
}
