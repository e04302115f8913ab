import { campaignCases } from './cluster/campaign-cases.ts'
import { electionCases } from './cluster/election-cases.ts'
import { faultCases } from './cluster/fault-cases.ts'
import type { ClusterClaim, ClusterFixture } from './cluster/fixture.ts'
import { leadershipCases } from './cluster/leadership-cases.ts'
import { serviceCases } from './cluster/service-cases.ts'
import { type ClaimReasons, type ContractCase, defineContract } from './contract.ts'

export type { ClusterClaim, ClusterFixture } from './cluster/fixture.ts'

/** What a driver says about itself. */
export interface ClusterContract {
  /** `memory`, `file`: the name of the group of tests. */
  readonly name: string
  /** A fresh store and whatever belongs to it, per case. */
  create(): Promise<ClusterFixture>
  /** Each claim, or the reason why it is not made; what is not claimed is skipped visibly. */
  readonly claims: ClaimReasons<ClusterClaim>
  /** For drivers on real time: cases run side by side. Default false. */
  readonly concurrent?: boolean
  /** Per case, milliseconds. */
  readonly timeoutMs?: number
}

/** What every cluster service must do, as data. */
export const clusterServiceCases: readonly ContractCase<ClusterFixture, ClusterClaim>[] = [
  ...electionCases,
  ...leadershipCases,
  ...campaignCases,
  ...serviceCases,
  ...faultCases,
]

/**
 * Defines the tests that every cluster service must pass, in the test file that calls it:
 *
 * ```ts
 * clusterServiceContract({ name: 'memory', create, claims: { kill: true, 'clock-jump': true, … } })
 * ```
 */
export function clusterServiceContract(driver: ClusterContract): void {
  defineContract({
    ...driver,
    name: `cluster service contract: ${driver.name}`,
    cases: clusterServiceCases,
    dispose: fixture => fixture.dispose(),
  })
}
