import { type ClaimReasons, type ContractCase, defineContract } from './contract.ts'
import type { IdempotentClaim, IdempotentFixture } from './idempotent/fixture.ts'
import { keyCases } from './idempotent/key-cases.ts'
import { storeCases } from './idempotent/store-cases.ts'

export type { IdempotentClaim, IdempotentFixture } from './idempotent/fixture.ts'

/** What the author of an idempotent repository says about it. */
export interface IdempotentContract {
  readonly name: string
  /** A fresh store per case. */
  create(): Promise<IdempotentFixture>
  /** Each claim, or the reason why it is not made; what is not claimed is skipped visibly. */
  readonly claims: ClaimReasons<IdempotentClaim>
  /** For drivers on real time: cases run side by side. Default false. */
  readonly concurrent?: boolean
  /** Per case, milliseconds. */
  readonly timeoutMs?: number
}

/** What every idempotent repository must do, as data. */
export const idempotentRepositoryCases: readonly ContractCase<IdempotentFixture, IdempotentClaim>[] = [
  ...keyCases,
  ...storeCases,
]

/** Defines the tests that every idempotent repository must pass, in the test file that calls it. */
export function idempotentRepositoryContract(driver: IdempotentContract): void {
  defineContract({
    ...driver,
    name: `idempotent repository contract: ${driver.name}`,
    cases: idempotentRepositoryCases,
    dispose: async fixture => fixture.dispose?.(),
  })
}
