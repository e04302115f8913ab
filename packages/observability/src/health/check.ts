/** As in MicroProfile Health, which Camel speaks. */
export type CheckStatus = 'UP' | 'DOWN'

/** One thing that was looked at. */
export interface Check {
  /** `context`, `route:clustered` … */
  readonly name: string
  readonly status: CheckStatus
  /** Details for people; secrets in them are masked. */
  readonly data: Readonly<Record<string, string | number>>
}

/** What a health endpoint answers: 200 when all checks are up, else 503. */
export interface HealthReport {
  readonly status: CheckStatus
  readonly checks: readonly Check[]
}

/** Up when every check is. */
export const reportOf = (checks: readonly Check[]): HealthReport => ({
  status: checks.every(({ status }) => status === 'UP') ? 'UP' : 'DOWN',
  checks,
})
