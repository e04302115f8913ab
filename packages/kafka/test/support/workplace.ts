import { createContext, silentSink } from '@dromedary/core'
import type { Leadership } from '@dromedary/core/cluster'
import { type Clock, Exchange, type Logger, type ResumeFailures } from '@dromedary/core/component'
import type { KafkaRecord, PortReader } from '../../src/client/port.ts'
import type { Transactions } from '../../src/session/port.ts'
import { Positions } from '../../src/session/positions.ts'
import { Session, type SessionSettings } from '../../src/session/session.ts'

export interface Collected extends Logger {
  readonly lines: string[]
}

/** A logger that keeps its lines, each with its level before it. */
export function collected(): Collected {
  const lines: string[] = []
  const say = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  return {
    lines,
    isEnabled: () => true,
    log: () => {},
    trace: say('trace'),
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
  }
}

const { services } = createContext({ routes: [], log: silentSink }).createExchange()

/** One process as far as a session knows: its client, its clock, and what it logged. */
export class Workplace {
  readonly clock: Clock
  readonly log = collected()
  readonly transactions: Transactions
  readonly positions: Positions
  #sessions = 0

  constructor(clock: Clock, transactions: Transactions, reader: () => Promise<PortReader>) {
    this.clock = clock
    this.transactions = transactions
    this.positions = new Positions(transactions, reader, clock)
  }

  get lines(): string[] {
    return this.log.lines
  }

  session(settings: Partial<SessionSettings> = {}, leadership?: Leadership): Session {
    return new Session(
      {
        transactionalId: 'app/ns/route',
        positions: 'positions',
        fences: [],
        transactionInterval: 20,
        giveUpAfter: 30_000,
        ...settings,
      },
      {
        clock: this.clock,
        log: this.log,
        transactions: this.transactions,
        positions: this.positions,
        leadership,
        writer: `${Math.random()}/${this.#sessions++}`,
      },
    )
  }
}

export const newExchange = (): Exchange => new Exchange(services, null, 'feed')

export interface Sent {
  readonly records?: readonly KafkaRecord[]
  readonly position?: unknown
  readonly failure?: unknown
  readonly failures?: ResumeFailures
}

/** What the steps of an exchange do: its position first, then what it sends. */
export function work(session: Session, exchange: Exchange, { records = [], position, failures = 'stop' }: Sent): void {
  if (position !== undefined) session.position(exchange, position, failures)
  for (const record of records) session.entry(exchange).add([record])
}

export async function endOf(exchange: Exchange): Promise<Exchange> {
  await exchange.unitOfWork.end(exchange, exchange.failed, error => {
    throw error
  })
  return exchange
}

/** An exchange that did this and has ended; resolves when that is committed, or given up. */
export async function exchange(session: Session, sent: Sent): Promise<Exchange> {
  const one = newExchange()
  work(session, one, sent)
  if (sent.failure !== undefined) one.fail(sent.failure)
  return endOf(one)
}

export const record = (value: string, more: Partial<KafkaRecord> = {}): KafkaRecord => ({
  topic: 'data',
  partition: 0,
  value: Buffer.from(value),
  ...more,
})
