import type { IncomingMessage } from 'node:http'
import type { WebsocketSettings } from '../options.ts'

/** Why a handshake is refused: the status that the peer gets, and the reason for the log. */
export interface Refusal {
  readonly status: number
  readonly reason: string
}

type Rules = Pick<WebsocketSettings, 'allowedOriginPattern' | 'subProtocols' | 'maxConnections'>

/** Who may connect to a server. */
export class Admission {
  readonly #rules: Rules
  readonly #origin: RegExp | undefined

  constructor(rules: Rules) {
    const { allowedOriginPattern } = rules
    this.#rules = rules
    this.#origin = allowedOriginPattern === undefined ? undefined : new RegExp(`^(?:${allowedOriginPattern})$`, 'u')
  }

  /** Undefined for a handshake that is welcome. */
  refusal({ headers }: IncomingMessage, connections: number): Refusal | undefined {
    const { maxConnections, subProtocols } = this.#rules
    if (connections >= maxConnections) return { status: 503, reason: `there are ${connections} connections already` }
    if (!this.#isAllowed(headers.origin, headers.host)) {
      return { status: 403, reason: 'its Origin is not allowed: see allowedOriginPattern' }
    }
    if (subProtocols.length > 0 && this.subProtocol(offered(headers['sec-websocket-protocol'])) === undefined) {
      return { status: 400, reason: `it asks for none of the sub-protocols ${subProtocols.join(', ')}` }
    }
    return undefined
  }

  /** The first of those that the client offers which this server speaks. */
  subProtocol(offer: Iterable<string>): string | undefined {
    for (const name of offer) if (this.#rules.subProtocols.includes(name)) return name
    return undefined
  }

  /** A browser sends an Origin always and truly; whoever is no browser may write into it what it likes. */
  #isAllowed(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined) return true
    if (this.#origin !== undefined) return this.#origin.test(origin)
    const from = URL.parse(origin)
    return from !== null && from.host !== '' && from.host === URL.parse(`${from.protocol}//${host}`)?.host
  }
}

function offered(header: string | undefined): string[] {
  return header === undefined ? [] : header.split(',').map(name => name.trim())
}
