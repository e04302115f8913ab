import type { Socket } from 'node:net'
import type { Clock } from '@dromedary/core/component'

/** Sends what was written before, and closes; at once after `ms` have passed, or with 0. Safe to call again. */
export function closeSoon(socket: Socket, clock: Clock, ms: number): void {
  if (socket.destroyed) return
  if (ms === 0) return void socket.destroy()
  if (socket.writableEnded) return
  const timer = clock.setTimeout(() => socket.destroy(), ms)
  socket.once('close', () => timer.cancel())
  socket.destroySoon()
}
