import { freePort } from '../ports.ts'

/** A protocol of Kafka's for connections. */
export type Protocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'

/** Where a broker listens. */
export interface Listener {
  /** In its settings. */
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
  /** The port at which clients of this listener are told to find the broker: its own, or that of a proxy. */
  readonly advertised: number
}

/** Which listeners a broker has beside the plain one. */
export interface ListenerOptions {
  /** How many that advertise the port of a proxy. */
  readonly proxied: number
  readonly tls: boolean
  readonly sasl: boolean
}

/** A broker's listeners, on free ports; the last one is the controller's. */
export async function chooseListeners({ proxied, tls, sasl }: ListenerOptions): Promise<readonly Listener[]> {
  const listeners = [await own('PLAINTEXT', 'PLAINTEXT')]
  for (let way = 1; way <= proxied; way++) {
    const behind = await own(`PROXIED${way}`, 'PLAINTEXT')
    listeners.push({ ...behind, advertised: await freePort() })
  }
  if (tls) listeners.push(await own('SSL', 'SSL'))
  if (sasl) listeners.push(await own('SASL_PLAINTEXT', 'SASL_PLAINTEXT'))
  if (tls && sasl) listeners.push(await own('SASL_SSL', 'SASL_SSL'))
  listeners.push(await own('CONTROLLER', 'PLAINTEXT'))
  return listeners
}

async function own(name: string, protocol: Protocol): Promise<Listener> {
  const port = await freePort()
  return { name, protocol, port, advertised: port }
}

/** The listener of a name; throws if the broker has none. */
export function listener(listeners: readonly Listener[], name: string): Listener {
  const found = listeners.find(one => one.name === name)
  if (!found) throw new Error(`the broker was started without a listener ${name}`)
  return found
}

/** Where clients find a listener. */
export const addressOf = ({ advertised }: Listener) => `127.0.0.1:${advertised}`
