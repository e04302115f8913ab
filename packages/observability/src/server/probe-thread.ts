import type { Worker } from 'node:worker_threads'
import { type Clock, type ClockTimer, DromedaryError, type Logger } from '@dromedary/core'
import type { OverdueWork } from '../health/live.ts'
import type { ObserveOptions } from '../options.ts'
import type { Answers, FromThread, Question, ThreadData, ToThread } from './protocol.ts'
import { spawnThread } from './spawn-thread.ts'

/** How the application answers the thread. */
export type Respond = { readonly [Q in Question]: () => Answers[Q] | Promise<Answers[Q]> }

/** What the application's end of the thread needs. */
export interface ProbeThreadPlace {
  readonly options: ObserveOptions
  readonly respond: Respond
  readonly clock: Clock
  readonly log: Logger
  /** Default: a real one. */
  readonly spawn?: (data: ThreadData) => Worker
}

/** Before a thread that has ended by itself is started again. */
export const RESTART_MS = 1_000

/** The application's end of the thread that answers over HTTP. */
export class ProbeThread {
  readonly #place: ProbeThreadPlace
  readonly #beats = new Int32Array(new SharedArrayBuffer(4))
  /** Where it listens; of port 0 the one that it got, and keeps. */
  #port: number
  #overdue: readonly OverdueWork[] = []
  #worker: Worker | undefined
  #restart: ClockTimer | undefined
  #stopped = false

  constructor(place: ProbeThreadPlace) {
    this.#place = place
    this.#port = place.options.port
  }

  /** Resolves with the address once it listens. Rejects with `DROMEDARY_OBSERVE_ADDRESS` where it cannot. */
  async start(): Promise<string> {
    const { host, blockedLoopLimit } = this.#place.options
    const { spawn = spawnThread } = this.#place
    const port = this.#port
    const worker = spawn({ host, port, blockedLoopLimitMs: blockedLoopLimit, beats: this.#beats })
    this.#worker = worker
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let listening = false
    let reason: unknown
    worker.on('message', (message: FromThread) => {
      if (message.type === 'ask') void this.#answer(worker, message.question)
      else if (message.type === 'listening') {
        listening = true
        this.#port = message.port
        tell(worker, { type: 'overdue', work: this.#overdue })
        resolve(`http://${message.host}:${message.port}`)
      } else reject(cannotListen(host, port, message))
    })
    worker.on('error', error => {
      reason = error
    })
    worker.on('exit', code => {
      reason ??= new Error(`the thread that answers probes ended with ${code}`)
      reject(reason)
      if (listening && !this.#stopped) this.#startAgain(reason)
    })
    return promise
  }

  /** The event loop has had a turn. */
  pulse(): void {
    Atomics.add(this.#beats, 0, 1)
  }

  overdue(work: readonly OverdueWork[]): void {
    this.#overdue = work
    if (this.#worker !== undefined) tell(this.#worker, { type: 'overdue', work })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#restart?.cancel()
    await this.#worker?.terminate()
  }

  /** Without it a probe finds nobody, and who asks it would restart an application that has nothing. */
  #startAgain(error: unknown): void {
    const { clock, log } = this.#place
    log.error('the thread that answers probes has ended: nothing answers them until it is started again', { error })
    const start = async () => {
      try {
        const address = await this.start()
        log.info(`health, leader and metrics are told again at ${address}/observe`)
      } catch (again) {
        await this.#worker?.terminate()
        if (!this.#stopped) this.#startAgain(again)
      }
    }
    this.#restart = clock.setTimeout(() => void start(), RESTART_MS).unref()
  }

  async #answer(worker: Worker, question: Question): Promise<void> {
    const { respond, log } = this.#place
    try {
      tell(worker, { type: 'answer', question, value: await respond[question]() })
    } catch (error) {
      log.error(`cannot tell ${question}`, { error })
      tell(worker, { type: 'no-answer', question })
    }
  }
}

const tell = (worker: Worker, message: ToThread): void => worker.postMessage(message)

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
