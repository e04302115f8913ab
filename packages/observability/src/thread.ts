/**
 * The thread that answers over HTTP, so that a probe gets its answer also while the application's event loop is blocked.
 * Started by the package itself; it imports nothing of core, so that it stays small.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { Clock, ClockTimer } from '@dromedary/core'
import type { OverdueWork } from './health/live.ts'
import { probeApp } from './server/app.ts'
import { Asker } from './server/asker.ts'
import { limitedServer } from './server/listen.ts'
import { LoopWatch } from './server/loop-watch.ts'
import { type FromThread, PULSE_MS, type ThreadData, type ToThread } from './server/protocol.ts'

/** The part of core's clock that is needed here. */
const threadClock: Pick<Clock, 'setTimeout'> = {
  setTimeout(callback, ms) {
    const handle = setTimeout(callback, ms)
    const timer: ClockTimer = {
      cancel: () => clearTimeout(handle),
      unref() {
        handle.unref()
        return timer
      },
    }
    return timer
  },
}

function open(port: NonNullable<typeof parentPort>, data: ThreadData): void {
  const tell = (message: FromThread) => port.postMessage(message)
  const asker = new Asker(question => tell({ type: 'ask', question }), threadClock)
  const loop = new LoopWatch(data.beats, () => performance.now())
  setInterval(() => loop.blockedMs(), PULSE_MS)
  let overdue: readonly OverdueWork[] = []
  port.on('message', (message: ToThread) => {
    if (message.type === 'overdue') overdue = message.work
    else asker.answered(message.question, message.type === 'answer' ? { value: message.value } : 'failed')
  })
  const app = probeApp({
    asker,
    blockedLoopLimitMs: data.blockedLoopLimitMs,
    blockedMs: () => loop.blockedMs(),
    overdue: () => overdue,
  })
  const server = limitedServer(app)
  server.on('error', (error: NodeJS.ErrnoException) =>
    tell({ type: 'not-listening', code: error.code, message: error.message }),
  )
  server.listen({ host: data.host, port: data.port, exclusive: true }, () => {
    const address = server.address()
    if (address !== null && typeof address === 'object') {
      tell({
        type: 'listening',
        host: address.family === 'IPv6' ? `[${address.address}]` : address.address,
        port: address.port,
      })
    }
  })
}

if (parentPort !== null) open(parentPort, workerData as ThreadData)
