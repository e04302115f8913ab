import type { Socket } from 'node:net'
import { type Clock, DromedaryError, type RouteEntry } from '@dromedary/core/component'
import { hostAndPort } from '../address.ts'
import { delimiter } from '../framing/delimiter.ts'
import type { TcpPlan } from '../plan.ts'
import { connectMessage, namesPosition } from './connect-message.ts'

/** Whether a client says where it goes on. Then what the source has sent and nobody has taken comes again. */
export function isReplayable({ settings }: TcpPlan): boolean {
  return settings.onConnect !== undefined || namesPosition(settings.connectMessage ?? '')
}

/** Who says it, and what it is about. */
export interface Greeting {
  readonly plan: TcpPlan
  readonly entry: RouteEntry
  /** What the route goes on after. */
  readonly position: unknown
  readonly signal: AbortSignal
}

/**
 * Writes what a client says first on a connection. Rejects with what `onConnect` threw, when it takes longer than
 * connectTimeout, and on the signal.
 */
export async function greet(socket: Socket, { plan, entry, position, signal }: Greeting): Promise<void> {
  const { settings, framing, clock } = plan
  const said = settings.onConnect
    ? await within(clock, settings.connectTimeout, signal, async () =>
        settings.onConnect?.({
          resumeFrom: position,
          remoteAddress: hostAndPort(socket.remoteAddress, socket.remotePort),
          localAddress: hostAndPort(socket.localAddress, socket.localPort),
        }),
      )
    : messageFor(plan, position, entry)
  if (said !== undefined && said.length > 0) socket.write(said as string, framing.encoding)
}

/** The message of the options, in a frame of its own. */
function messageFor({ settings, framing }: TcpPlan, position: unknown, entry: RouteEntry) {
  if (settings.connectMessage === undefined) return undefined
  const end = delimiter(settings.delimiter, framing.encoding).text
  const text = connectMessage(settings.connectMessage, position, end)
  return text === undefined ? undefined : framing.encode(entry.context.createExchange(text).message)
}

async function within<T>(clock: Clock, ms: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const aborted = () => reject(signal.reason)
  const late = new DromedaryError('DROMEDARY_CONNECTION_FAILED', `onConnect took longer than connectTimeout=${ms} ms`)
  const timer = clock.setTimeout(() => reject(late), ms)
  signal.addEventListener('abort', aborted, { once: true })
  try {
    return await Promise.race([work(), promise])
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', aborted)
  }
}
