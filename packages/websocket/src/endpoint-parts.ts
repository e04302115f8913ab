import type { SharedResources } from '@dromedary/core/component'
import type { Address } from './address.ts'
import type { Peers } from './connection/peers.ts'
import type { WebsocketSettings } from './options.ts'

/** What an endpoint hands to its consumers and its producer. */
export interface EndpointParts {
  /** Normal form, secrets masked. */
  readonly uri: string
  readonly address: Address
  /** By TLS. */
  readonly secure: boolean
  readonly options: WebsocketSettings
  readonly peers: Peers
  readonly shared: SharedResources
}
