import { type Logger, messageOf, type RouteEntry } from '@dromedary/core/component'
import type { Connection } from '../connection/connection.ts'
import { type LevelOption, logAt } from '../log-level.ts'
import type { TcpSettings } from '../options/schema.ts'
import { LineBudget } from './line-budget.ts'

const LINES_PER_SECOND = 100
const FULL_EVERY_MS = 10_000

/** What the log says of a server's connections: each once, and never more than a hundred lines a second. */
export class ServerLog {
  readonly #log: Logger
  readonly #settings: TcpSettings
  /** Secrets masked. */
  readonly #uri: string
  readonly #comings: LineBudget
  readonly #troubles: LineBudget
  readonly #full: LineBudget

  constructor({ log, clock }: RouteEntry, settings: TcpSettings, uri: string) {
    this.#log = log
    this.#settings = settings
    this.#uri = uri
    this.#comings = new LineBudget(clock, LINES_PER_SECOND, 1_000)
    this.#troubles = new LineBudget(clock, LINES_PER_SECOND, 1_000)
    this.#full = new LineBudget(clock, 1, FULL_EVERY_MS)
  }

  listens(on: string, port: number | undefined): void {
    this.#log.info(`${this.#uri} listens on ${on}`, { fields: { address: on, port } })
  }

  connected({ remoteAddress }: Connection): void {
    this.#say(this.#comings, 'INFO', `${this.#uri}: connected ${named(remoteAddress)}`)
  }

  disconnected({ remoteAddress }: Connection): void {
    this.#say(this.#comings, 'INFO', `${this.#uri}: disconnected ${named(remoteAddress)}`)
  }

  /** This side closed it. */
  refused(remoteAddress: string, reason: unknown): void {
    const line = `${this.#uri}: closed the connection of ${named(remoteAddress)}: ${messageOf(reason)}`
    this.#say(this.#troubles, this.#settings.serverExceptionCaughtLogLevel, line, reason)
  }

  /** The other side broke it off. */
  broken(remoteAddress: string, error: unknown): void {
    const line = `${this.#uri}: the connection of ${named(remoteAddress)} broke: ${messageOf(error)}`
    this.#say(this.#troubles, this.#settings.serverClosedChannelExceptionCaughtLogLevel, line, error)
  }

  full(): void {
    const { maxConnections } = this.#settings
    this.#say(this.#full, 'WARN', `${this.#uri} has maxConnections=${maxConnections} and closes each new one at once`)
  }

  /** A connection could not be accepted: most often too many files are open. */
  failed(error: unknown): void {
    this.#say(this.#full, 'ERROR', `${this.#uri} cannot accept connections: ${messageOf(error)}`, error)
  }

  #say(budget: LineBudget, level: LevelOption, line: string, error?: unknown): void {
    if (level === 'OFF' || !this.#log.isEnabled(level.toLowerCase() as Lowercase<Exclude<LevelOption, 'OFF'>>)) return
    const leftOut = budget.take()
    if (leftOut === undefined) return
    logAt(this.#log, level, leftOut === 0 ? line : `${line} (and ${leftOut} lines like this one before)`, error)
  }
}

/** A unix socket has no address of its own. */
const named = (address: string) => (address === '' ? 'a local process' : address)
