import type { Worker } from 'node:worker_threads'
import { DromedaryError, type Logger } from '@dromedary/core'
import type { OverdueWork } from '../health/live.ts'
import type { ObserveOptions } from '../options.ts'
import type { Answers, FromThread, Question, ToThread } from './protocol.ts'
import { spawnThread } from './spawn-thread.ts'

/** How the application answers the thread. */
export type Respond = { readonly [Q in Question]: () => Answers[Q] | Promise<Answers[Q]> }

/** The application's end of the thread that answers over HTTP. */
export class ProbeThread {
  readonly #options: ObserveOptions
  readonly #respond: Respond
  readonly #log: Logger
  readonly #beats = new Int32Array(new SharedArrayBuffer(4))
  #worker: Worker | undefined

  constructor(options: ObserveOptions, respond: Respond, log: Logger) {
    this.#options = options
    this.#respond = respond
    this.#log = log
  }

  /** Resolves with the address once it listens. Rejects with `DROMEDARY_OBSERVE_ADDRESS` where it cannot. */
  async start(): Promise<string> {
    const { host, port, blockedLoopLimit } = this.#options
    const worker = spawnThread({ host, port, blockedLoopLimitMs: blockedLoopLimit, beats: this.#beats })
    this.#worker = worker
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    worker.on('message', (message: FromThread) => {
      if (message.type === 'ask') void this.#answer(message.question)
      else if (message.type === 'listening') resolve(`http://${message.host}:${message.port}`)
      else reject(cannotListen(host, port, message))
    })
    worker.on('error', error => {
      this.#log.error('the thread that answers probes has failed: nothing answers them any more', { error })
      reject(error)
    })
    worker.on('exit', code => reject(new Error(`the thread that answers probes ended with ${code}`)))
    return promise
  }

  /** The event loop has had a turn. */
  pulse(): void {
    Atomics.add(this.#beats, 0, 1)
  }

  overdue(work: readonly OverdueWork[]): void {
    this.#tell({ type: 'overdue', work })
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate()
  }

  async #answer(question: Question): Promise<void> {
    try {
      this.#tell({ type: 'answer', question, value: await this.#respond[question]() })
    } catch (error) {
      this.#log.error(`cannot tell ${question}`, { error })
      this.#tell({ type: 'no-answer', question })
    }
  }

  #tell(message: ToThread): void {
    this.#worker?.postMessage(message)
  }
}

function cannotListen(
  host: string,
  port: number,
  { code, message }: { readonly code: string | undefined; readonly message: string },
): DromedaryError {
  const why =
    code === 'EADDRINUSE'
      ? 'the port is in use, maybe by another member on this host: choose another by observe.port, or 0 for any'
      : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
        ? 'observe.host is no address of this machine'
        : message
  return new DromedaryError('DROMEDARY_OBSERVE_ADDRESS', `cannot listen on ${host}, port ${port}: ${why}`)
}
