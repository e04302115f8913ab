import { DromedaryError } from './errors.ts'
import { VERSION } from './version.ts'

/** What core makes, or is made with it, and meets in a context: says by which version. */
export interface MadeByCore {
  /** The version of `@dromedary/core` that it was made by. A context takes only what its own version made. */
  readonly '~core'?: string
}

/**
 * Refuses what another version of core made (`DROMEDARY_TWO_CORES`): it would fail later and less clearly, at a call that
 * the other version does not have. A second copy of the same version does no harm; what does not say is taken.
 */
export function refuseOtherCore(what: string, made: MadeByCore): void {
  const other = made['~core']
  if (other === undefined || other === VERSION) return
  throw new DromedaryError(
    'DROMEDARY_TWO_CORES',
    `${what} was made by @dromedary/core ${other}, but the context by ${VERSION}: a project has one core. See who brings the other one (npm ls @dromedary/core, or why of pnpm and yarn), and bring all @dromedary packages to one version`,
  )
}
