import type { Clock, Logger } from '@dromedary/core/component'
import type { Address } from './address.ts'
import type { Framing } from './framing/framing.ts'
import type { TcpSettings } from './options/schema.ts'
import type { Secure } from './security/secure.ts'

/** An endpoint: where it is, and what is spoken there. Its consumers and its producer share it. */
export interface TcpPlan {
  /** Normal form, secrets masked. */
  readonly uri: string
  readonly address: Address
  readonly settings: TcpSettings
  readonly framing: Framing
  /** On first use; undefined without TLS. */
  readonly secure: () => Promise<Secure | undefined>
  readonly clock: Clock
  readonly log: Logger
}
