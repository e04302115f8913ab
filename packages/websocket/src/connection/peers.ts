import type { EndpointInit } from '@dromedary/core/component'
import { type Address, addressText } from '../address.ts'
import type { Connection } from './connection.ts'

/** The open connections of the consumers at one address. */
export interface PeersOfAddress {
  /** By their key. */
  readonly connections: Map<string, Connection>
  /** Consumers that have started there. */
  consumers: number
}

/** The consumers of a context, by `host:port/path`: how a producer finds the peers that it sends to. */
export class Peers {
  readonly #byAddress = new Map<string, PeersOfAddress>()

  /** The connections of the consumers at this address; undefined where none has started. */
  at(address: Address): ReadonlyMap<string, Connection> | undefined {
    return this.#byAddress.get(addressText(address))?.connections
  }

  /** A consumer starts. Several clients may consume from one address: they share the table. */
  enter(address: Address): Map<string, Connection> {
    const name = addressText(address)
    const peers = this.#byAddress.get(name) ?? { connections: new Map(), consumers: 0 }
    peers.consumers++
    this.#byAddress.set(name, peers)
    return peers.connections
  }

  /** One that has entered is closed. */
  leave(address: Address): void {
    const name = addressText(address)
    const peers = this.#byAddress.get(name)
    if (peers !== undefined && --peers.consumers === 0) this.#byAddress.delete(name)
  }
}

/** Those of the context that the endpoint belongs to, shared by all endpoints of its scheme. */
export function peersOf(init: EndpointInit): Peers {
  return init.once('peers', () => new Peers())
}
