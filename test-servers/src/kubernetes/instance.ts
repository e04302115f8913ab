import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { linesFrom, sizeOf } from '../log-file.ts'
import { freePort } from '../ports.ts'
import { ApiClient } from './api-client.ts'
import type { Connection } from './connection.ts'
import { type Ports, Processes } from './processes.ts'
import { type ServerFiles, serverFiles, writeSettings } from './settings.ts'
import type { ServerSource } from './source.ts'

/** How long a start may take, milliseconds; 3 to 5 seconds are usual. */
const START = 90_000

/** Ports are chosen, not reserved: somebody else may be faster. */
const ATTEMPTS = 5

const LAST_LINES = 15

/** The data of a stopped server. */
export interface Backup {
  readonly folder: string
}

/** One server with its folder and its ports, through all of its starts. */
export class Instance {
  readonly folder = mkdtempSync(join(tmpdir(), 'dromedary-kubernetes-'))
  readonly files: ServerFiles = serverFiles(this.folder)
  readonly token: string = writeSettings(this.files)
  readonly processes = new Processes()
  readonly #source: ServerSource
  readonly #flags: readonly string[]
  #ports: Ports | undefined
  #backups = 0

  constructor(source: ServerSource, flags: readonly string[]) {
    this.#source = source
    this.#flags = flags
  }

  /** The administrator's. Only after a start. */
  get connection(): Connection {
    const ca = readFileSync(join(this.files.certs, 'apiserver.crt'), 'utf8')
    return { url: `https://127.0.0.1:${this.#ports?.api}`, ca, token: this.token }
  }

  /** Resolves when the server is ready. After the first time it has the same port, whatever happens. */
  async start(): Promise<void> {
    if (this.processes.running) throw new Error('the API server runs already')
    for (let attempt = 1; ; attempt++) {
      const ports = this.#ports ?? { api: await freePort(), etcd: await freePort() }
      const from = sizeOf(this.files.log)
      try {
        await this.processes.start(this.#source, this.files, ports, this.#flags)
        await this.#ready(ports, from)
        return
      } catch (error) {
        await this.processes.kill()
        const clash = linesFrom(this.files.log, from).some(line => line.includes('address already in use'))
        if (!clash || attempt === ATTEMPTS) throw error
        await wait(200)
      }
    }
  }

  async #ready(ports: Ports, logFrom: number): Promise<void> {
    const end = performance.now() + START
    while (!(await this.#answers(ports))) {
      if (!this.processes.running) throw new Error(`the API server ended before it was ready${this.#said(logFrom)}`)
      if (performance.now() > end) throw new Error(`the API server was not ready in ${START} ms${this.#said(logFrom)}`)
      await wait(100)
    }
    this.#ports = ports
  }

  async #answers(ports: Ports): Promise<boolean> {
    const certificate = join(this.files.certs, 'apiserver.crt')
    if (!existsSync(certificate)) return false
    const connection = {
      url: `https://127.0.0.1:${ports.api}`,
      ca: readFileSync(certificate, 'utf8'),
      token: this.token,
    }
    return new ApiClient(connection).request('GET', '/readyz').then(
      () => true,
      () => false,
    )
  }

  #said(from: number): string {
    const lines = linesFrom(this.files.log, from).slice(-LAST_LINES)
    return `; the last lines of its log:${lines.map(line => `\n  ${line}`).join('') || ' none'}`
  }

  /** Copies etcd's data. Only while the server is stopped. */
  backup(): Backup {
    this.#assertStopped('back up')
    this.#backups += 1
    const folder = join(this.folder, `backup-${this.#backups}`)
    cpSync(this.files.etcd, folder, { recursive: true })
    return { folder }
  }

  /** Puts etcd's data back to what it was, also several times. Only while the server is stopped. */
  restore({ folder }: Backup): void {
    this.#assertStopped('restore')
    rmSync(this.files.etcd, { recursive: true })
    cpSync(folder, this.files.etcd, { recursive: true })
  }

  #assertStopped(what: string): void {
    if (this.processes.pids.length > 0)
      throw new Error(`cannot ${what} the data of a running API server: stop it first`)
  }

  removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
  }
}
