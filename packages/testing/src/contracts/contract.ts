import { describe, it } from 'vitest'

/** One case of a contract: data, so that a driver can be asked for a single one. */
export interface ContractCase<Fixture, Claim extends string> {
  /** What must hold. */
  readonly name: string
  /** Without these the case is skipped, visibly and with the driver's reason. */
  readonly needs?: readonly Claim[]
  /** Throws where it does not hold. */
  run(fixture: Fixture): Promise<void>
}

/** Each claim is made, or has the reason why not. */
export type ClaimReasons<Claim extends string> = Readonly<Record<Claim, true | string>>

export interface ContractRun<Fixture, Claim extends string> {
  readonly name: string
  readonly cases: readonly ContractCase<Fixture, Claim>[]
  readonly claims: ClaimReasons<Claim>
  /** A fresh fixture for each case; disposed after it, also when it failed. */
  create(): Promise<Fixture>
  dispose(fixture: Fixture): Promise<void>
  /** Cases run side by side: for drivers on real time, whose fixtures share nothing. Default false. */
  readonly concurrent?: boolean
  /** Per case, milliseconds. Default: the test runner's. */
  readonly timeoutMs?: number
}

/** Defines the cases as tests of the test file that calls it. */
export function defineContract<Fixture, Claim extends string>(run: ContractRun<Fixture, Claim>): void {
  describe(run.name, () => {
    for (const one of run.cases) {
      const missing = (one.needs ?? []).filter(claim => run.claims[claim] !== true)
      if (missing.length > 0) {
        const reasons = missing.map(claim => `${claim}: ${run.claims[claim]}`)
        it.skip(`${one.name} [not claimed: ${reasons.join('; ')}]`)
        continue
      }
      const test = run.concurrent ? it.concurrent : it
      test(
        one.name,
        async () => {
          const fixture = await run.create()
          try {
            await one.run(fixture)
          } finally {
            await run.dispose(fixture)
          }
        },
        run.timeoutMs,
      )
    }
  })
}
