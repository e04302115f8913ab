/** Of samples in milliseconds; NaN where there are none. p99 of 100 runs is the second worst, so it is not given. */
export interface Summary {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

/** The smallest sample that at least `share` of all samples do not exceed (nearest rank). */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export function summarise(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b)
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    max: percentile(sorted, 1),
  }
}
