import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type ServerProcess, spawnServer } from '../server-process.ts'
import { buildBinary } from './binary.ts'
import { type ServerFiles, serverFlags } from './settings.ts'
import type { ServerSource } from './source.ts'

/** Where a server listens. */
export interface Ports {
  readonly api: number
  readonly etcd: number
}

/** How long etcd may take to answer, milliseconds. */
const ETCD_START = 30_000

/** How long a process may take to end by itself, milliseconds. */
const END = 20_000

/** The processes of one API server: one, or etcd's and the server's own. */
export class Processes {
  /** In the order in which they must end: a server that has lost etcd ignores SIGTERM. */
  readonly #all: ServerProcess[] = []

  /** Starts them; resolves before the server is ready. */
  async start(source: ServerSource, files: ServerFiles, ports: Ports, flags: readonly string[]): Promise<void> {
    const { log } = files
    const all = [...serverFlags(files, ports.api), ...flags]
    if (source.kind === 'none') throw new Error(source.why)
    if (source.kind === 'built') {
      const file = await buildBinary()
      this.#all.push(await spawnServer({ file, args: [files.etcd, String(ports.etcd), ...all], log }))
      return
    }
    const store = `http://127.0.0.1:${ports.etcd}`
    const etcd = await spawnServer({ file: join(source.folder, 'etcd'), args: etcdFlags(files, store), log })
    this.#all.push(etcd)
    await answers(`${store}/health`, etcd)
    const args = [`--etcd-servers=${store}`, ...all]
    this.#all.unshift(await spawnServer({ file: join(source.folder, 'kube-apiserver'), args, log }))
  }

  get pids(): readonly number[] {
    return this.#all.filter(one => one.running).map(one => one.pid)
  }

  /** Whether none of them has ended. */
  get running(): boolean {
    return this.#all.length > 0 && this.#all.every(one => one.running)
  }

  signal(signal: NodeJS.Signals): void {
    for (const one of this.#all) one.signal(signal)
  }

  /** SIGTERM, one after the other. Rejects if one of them had to be killed in the end. */
  async stop(): Promise<void> {
    const clean: boolean[] = []
    for (const one of this.#all.splice(0)) clean.push(await one.stop(END))
    if (clean.includes(false)) throw new Error(`the API server did not end within ${END} ms of SIGTERM`)
  }

  /** SIGKILL for all of them at once, as when their machine dies. */
  async kill(): Promise<void> {
    const all = this.#all.splice(0)
    await Promise.all(all.map(one => one.kill()))
  }
}

const etcdFlags = (files: ServerFiles, store: string) => [
  `--data-dir=${files.etcd}`,
  '--log-level=error',
  `--listen-client-urls=${store}`,
  `--advertise-client-urls=${store}`,
  // Nobody else is in its cluster.
  '--listen-peer-urls=http://127.0.0.1:0',
  '--initial-advertise-peer-urls=http://127.0.0.1:0',
  '--initial-cluster=default=http://127.0.0.1:0',
]

async function answers(url: string, process: ServerProcess): Promise<void> {
  const end = performance.now() + ETCD_START
  while (process.running && performance.now() < end) {
    const healthy = await fetch(url).then(
      answer => answer.ok,
      () => false,
    )
    if (healthy) return
    await wait(50)
  }
}
