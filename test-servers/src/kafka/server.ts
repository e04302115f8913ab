import { randomBytes } from 'node:crypto'
import { startTcpProxy, type TcpProxy } from '../proxy/tcp-proxy.ts'
import { KafkaCluster, type KafkaInfo } from './cluster.ts'
import { docker, pullImage } from './docker.ts'
import { Instance, type InstanceOptions } from './instance.ts'
import { addressOf, listener } from './listeners.ts'
import { localBrokers } from './local.ts'
import type { Runtime } from './runtime.ts'
import type { Tls } from './security.ts'
import { findServerSource, type ServerSource } from './source.ts'

/** How to start a broker; by default from what the environment offers, with a plain listener and nothing special. */
export interface KafkaOptions extends Omit<InstanceOptions, 'proxied'> {
  /** With a second listener that advertises the address of a proxy, through which clients reach it. Default false. */
  readonly proxied?: boolean
  /** Default: Docker if it works, else Java, see {@link findServerSource}. */
  readonly source?: ServerSource
  /** How many listeners there are for proxies that others start, see {@link KafkaCluster.proxy}. Default 0. */
  readonly ways?: number
}

const open = new Set<Instance>()

/** How long a killed process may take to end the system call that it is in, milliseconds. */
const DEATH = 100

/** When this process ends early. The broker goes first: a living one would write into the folder while it is removed. */
process.on('exit', () => {
  if (open.size === 0) return
  for (const instance of open) if (instance.running) instance.process.end()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DEATH)
  for (const instance of open) instance.removeFolder()
})

/** A broker of our own, which can be stopped and started. Disposing kills it and removes its data. */
export class KafkaServer extends KafkaCluster implements AsyncDisposable {
  readonly #instance: Instance
  readonly #proxy: TcpProxy | undefined

  /** For {@link startKafka}: the instance runs. */
  constructor(instance: Instance, info: KafkaInfo, proxy: TcpProxy | undefined) {
    super(info)
    this.#instance = instance
    this.#proxy = proxy
  }

  /** Where its data, its settings and its log are. */
  get folder(): string {
    return this.#instance.folder
  }

  /** The file with what it says. */
  get log(): string {
    return this.#instance.log
  }

  get running(): boolean {
    return this.#instance.running
  }

  /** Of its JVM; with Docker of the client that started the container. */
  get pid(): number {
    return this.#instance.process.pid
  }

  /** For clients that are to stay behind {@link faults}. Throws unless it was started with `proxied`. */
  get proxiedBrokers(): string {
    return this.faults.address
  }

  /** The proxy before the second listener. Throws unless it was started with `proxied`. */
  get faults(): TcpProxy {
    if (!this.#proxy) throw new Error('the broker was started without proxied')
    return this.#proxy
  }

  /** For clients with TLS. Throws unless it was started with `tls`. */
  get tlsBrokers(): string {
    return this.#address('SSL')
  }

  /** For clients with SASL and without TLS. Throws unless it was started with `sasl`. */
  get saslBrokers(): string {
    return this.#address('SASL_PLAINTEXT')
  }

  /** For clients with SASL over TLS. Throws unless it was started with `sasl` and `tls`. */
  get saslTlsBrokers(): string {
    return this.#address('SASL_SSL')
  }

  /** What clients must trust, and show. Throws unless it was started with `tls`. */
  get tls(): Tls {
    if (!this.#instance.tls) throw new Error('the broker was started without tls')
    return this.#instance.tls
  }

  /** Starts it again with its data, on its ports; resolves when it is ready. */
  start(): Promise<void> {
    return this.#instance.start()
  }

  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void> {
    return this.#instance.stop()
  }

  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void> {
    return this.#instance.process.kill()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** SIGSTOP: it accepts connections and answers nothing. */
  pause(): Promise<void> {
    return this.#instance.process.pause()
  }

  /** SIGCONT. */
  resume(): Promise<void> {
    return this.#instance.process.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy?.[Symbol.asyncDispose]()
    await this.#instance.dispose()
    open.delete(this.#instance)
  }

  #address(name: string): string {
    return addressOf(listener(this.#instance.listeners, name))
  }
}

/** Starts a broker of our own, whatever `KAFKA_BROKERS` says; resolves when it is ready, after 1 to 3 seconds. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer> {
  const { source = findServerSource(), proxied = false, ways = 0, ...rest } = options
  const runtime = await prepare(source)
  const instance = new Instance(runtime, { ...rest, proxied: ways + (proxied ? 1 : 0) })
  open.add(instance)
  try {
    await instance.start()
    const all = instance.listeners
      .filter(({ name }) => name.startsWith('PROXIED'))
      .map(({ advertised, port }) => ({ port: advertised, to: port }))
    const own = proxied ? all.pop() : undefined
    const proxy = own && (await startTcpProxy(own))
    const brokers = addressOf(listener(instance.listeners, 'PLAINTEXT'))
    const info = { brokers, run: randomBytes(4).toString('hex'), tools: source, owned: true, ways: all }
    return new KafkaServer(instance, info, proxy)
  } catch (error) {
    await instance.dispose()
    open.delete(instance)
    throw error
  }
}

async function prepare(source: ServerSource): Promise<Runtime> {
  if (source.kind === 'none') throw new Error(source.why)
  if (source.kind === 'java') return localBrokers()
  await pullImage()
  return docker
}
