import { consumerCases } from './component/consumer-cases.ts'
import { endpointCases } from './component/endpoint-cases.ts'
import type { ComponentClaim, ComponentFixture } from './component/fixture.ts'
import { type ClaimReasons, type ContractCase, defineContract } from './contract.ts'

export type { ComponentClaim, ComponentFixture } from './component/fixture.ts'

/** What the author of a component says about it. */
export interface ComponentContract {
  readonly name: string
  /** A fresh source and clock per case. */
  create(): Promise<ComponentFixture>
  /** Each claim, or the reason why it is not made; what is not claimed is skipped visibly. */
  readonly claims: ClaimReasons<ComponentClaim>
  /** Per case, milliseconds. */
  readonly timeoutMs?: number
}

/** What every component must do, as data. */
export const componentCases: readonly ContractCase<ComponentFixture, ComponentClaim>[] = [
  ...endpointCases,
  ...consumerCases,
]

/** Defines the tests that every component must pass, in the test file that calls it. */
export function componentContract(driver: ComponentContract): void {
  defineContract({
    ...driver,
    name: `component contract: ${driver.name}`,
    cases: componentCases,
    dispose: async fixture => fixture.dispose?.(),
  })
}
