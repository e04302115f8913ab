import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { linesFrom, sizeOf } from '../log-file.ts'
import { spawnServer } from '../server-process.ts'
import type { BrokerProcess } from './broker-process.ts'
import { copyFormatted, formatData } from './format.ts'
import { addressOf, chooseListeners, type Listener, listener } from './listeners.ts'
import { brokerProperties, type Properties, propertiesText } from './properties.ts'
import { metadata } from './protocol/metadata.ts'
import { java, type Runtime } from './runtime.ts'
import { type Credentials, makeTls, saslProperties, scramArguments, type Tls, tlsProperties } from './security.ts'

/** What a broker has beside a plain listener. */
export interface InstanceOptions {
  /** More settings of the broker; they win over ours. */
  readonly properties?: Properties
  /** How many listeners advertise another port, at which somebody puts a proxy. Default 0. */
  readonly proxied?: number
  /** With a listener for TLS, which may ask clients for a certificate. Default false. */
  readonly tls?: boolean | 'client certificate'
  /** With a listener for SASL; with `tls` with a second one. Default: none. */
  readonly sasl?: Credentials
  /** The JVM's `-Xmx`. Default `512m`. */
  readonly heap?: string
  /** Of what its log tells. Default `WARN`. */
  readonly logLevel?: 'ERROR' | 'WARN' | 'INFO' | 'DEBUG'
}

/** How long a start may take, milliseconds; 1 to 5 seconds are usual. */
const START = 90_000

/** How long one answer to the question whether it is ready may take, milliseconds. */
const ANSWER = 5_000

/** Ports are chosen, not reserved: somebody else may be faster. */
const ATTEMPTS = 5

const LAST_LINES = 15

/** Ends the broker with its parent, whose end is the end of standard input, and becomes the broker. */
const WITH_PARENT = 'exec 3<&0; (trap "" INT TERM; cat <&3 >/dev/null; kill -9 $$) & exec "$@" 3<&- </dev/null'

/** One broker with its folder and its ports, through all of its starts. */
export class Instance {
  readonly folder = mkdtempSync(join(tmpdir(), 'dromedary-kafka-'))
  readonly log = join(this.folder, 'server.log')
  readonly tls: Tls | undefined
  readonly #data = join(this.folder, 'data')
  readonly #settings = join(this.folder, 'server.properties')
  readonly #runtime: Runtime
  readonly #options: InstanceOptions
  #listeners: readonly Listener[] | undefined
  #process: BrokerProcess | undefined

  constructor(runtime: Runtime, options: InstanceOptions) {
    this.#runtime = runtime
    this.#options = options
    if (options.tls) this.tls = makeTls(options.tls === 'client certificate')
  }

  /** Only after a start. */
  get listeners(): readonly Listener[] {
    if (!this.#listeners) throw new Error('the broker was never ready')
    return this.#listeners
  }

  /** Of its last life; throws before the first. */
  get process(): BrokerProcess {
    if (!this.#process) throw new Error('the broker was never started')
    return this.#process
  }

  get running(): boolean {
    return this.#process?.running === true
  }

  /** Resolves when the broker is ready. After the first time it has the same ports, whatever happens. */
  async start(): Promise<void> {
    if (this.running) throw new Error('the broker runs already')
    for (let attempt = 1; ; attempt++) {
      const listeners = this.#listeners ?? (await this.#choose())
      const from = sizeOf(this.log)
      try {
        await this.#launch(listeners)
        await this.#ready(listeners, from)
        this.#listeners = listeners
        return
      } catch (error) {
        await this.#process?.kill()
        const clash = linesFrom(this.log, from).some(line => line.includes('Address already in use'))
        if (!clash || attempt === ATTEMPTS) throw error
        await wait(200)
      }
    }
  }

  #choose(): Promise<readonly Listener[]> {
    const { proxied = 0, sasl } = this.#options
    return chooseListeners({ proxied, tls: this.tls !== undefined, sasl: sasl !== undefined })
  }

  async #launch(listeners: readonly Listener[]): Promise<void> {
    const { heap = '512m', logLevel = 'WARN', sasl, properties } = this.#options
    const accounts = sasl === undefined ? [] : scramArguments(sasl)
    const logins = listeners.filter(({ protocol }) => protocol.startsWith('SASL')).map(({ name }) => name)
    const secured = {
      ...(this.tls === undefined ? {} : tlsProperties(this.tls)),
      ...(sasl === undefined ? {} : saslProperties(logins, sasl)),
    }
    const settings = brokerProperties(listeners, this.#runtime.bind, this.#data, { ...secured, ...properties })
    writeFileSync(this.#settings, propertiesText(settings), { mode: 0o600 })
    if (!existsSync(this.#data)) await this.#format(accounts)
    const log = `-Dorg.apache.logging.log4j.level=${logLevel}`
    const main = java(this.#runtime, heap, log, 'kafka.Kafka', this.#settings)
    const name = `dromedary-kafka-${randomBytes(6).toString('hex')}`
    const ports = listeners.filter(one => one.name !== 'CONTROLLER').map(({ port }) => port)
    const needs = { name, folder: this.folder, ports }
    const [file, ...args] = this.#runtime.command(['sh', '-c', WITH_PARENT, 'kafka', ...main], needs)
    this.#process = this.#runtime.broker(await spawnServer({ file, args, log: this.log }), name)
  }

  async #format(accounts: readonly string[]): Promise<void> {
    const { formatted } = this.#runtime
    if (formatted === undefined || accounts.length > 0)
      await formatData(this.#runtime, this.folder, this.#settings, accounts)
    else copyFormatted(formatted, this.#data)
  }

  async #ready(listeners: readonly Listener[], logFrom: number): Promise<void> {
    const end = performance.now() + START
    while (!(await answers(addressOf(listener(listeners, 'PLAINTEXT'))))) {
      if (!this.running) throw new Error(`the broker ended before it was ready${this.#said(logFrom)}`)
      if (performance.now() > end) throw new Error(`the broker was not ready in ${START} ms${this.#said(logFrom)}`)
      await wait(50)
    }
  }

  #said(from: number): string {
    const lines = linesFrom(this.log, from).slice(-LAST_LINES)
    return `; the last lines of its log:${lines.map(line => `\n  ${line}`).join('') || ' none'}`
  }

  /** Kills it and removes its data. */
  async dispose(): Promise<void> {
    await this.#process?.kill()
    this.removeFolder()
  }

  removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
  }

  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void> {
    return this.process.stop()
  }
}

/** Also of brokers that do not serve yet there is an answer; it names none. */
async function answers(address: string): Promise<boolean> {
  return metadata(address, [], ANSWER).then(
    ({ brokers }) => brokers.length > 0,
    () => false,
  )
}
