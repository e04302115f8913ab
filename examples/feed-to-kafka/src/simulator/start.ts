import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo, Server as NetServer } from 'node:net'
import { type ClockTimer, systemClock } from '@dromedary/core'
import { Crowd } from './crowd.ts'
import { headByDemand, headByTime } from './head.ts'
import { messageOf } from './message.ts'
import type { DropHow, Simulator, SimulatorOptions } from './options.ts'
import { tcpServer } from './tcp-server.ts'
import { wsServer } from './ws-server.ts'

/** How often it is looked whether there is something new, ms. */
const TICK = 5

/**
 * Serves one feed over TCP and over WebSocket. Whoever connects is sent what comes after the message that it asks for
 * (`FROM 123`), or, saying nothing within `requestMs`, what is new. Resolves when both listen.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', tcpPort = 0, wsPort = 0, rate = 'max', total = Number.POSITIVE_INFINITY } = options
  const { seed = 1, replay = true, dropEvery = 0, dropHow = 'end', malformedEvery = 0 } = options
  const { requestMs = 100, log = () => {}, clock = systemClock } = options
  const message = messageOf({ seed, malformedEvery })
  const head = rate === 'max' ? headByDemand(total) : headByTime(clock, rate, total)
  const crowd = new Crowd({ head, clock, replay, requestMs, dropEvery, dropHow, log })
  const servers = [tcpServer(message, crowd), wsServer(message, crowd)] as const
  let timer: ClockTimer | undefined
  const tick = () => {
    crowd.pump()
    timer = clock.setTimeout(tick, TICK)
  }
  const close = async () => {
    timer?.cancel()
    const closed = servers.map(server => new Promise<void>(resolve => server.close(() => resolve())))
    crowd.destroy()
    servers[1].closeAllConnections()
    await Promise.all(closed)
  }
  const ports = await Promise.all([listen(servers[0], tcpPort, host), listen(servers[1], wsPort, host)]).catch(
    async error => {
      await close()
      throw error
    },
  )
  if (rate !== 'max') tick()
  return {
    tcpPort: ports[0],
    wsPort: ports[1],
    get stats() {
      const { connections, open, overlaps, sent, requests, backlog, unsentBytes } = crowd
      return { connections, open, overlaps, head: head.current, sent, requests: [...requests], backlog, unsentBytes }
    },
    drop: (how: DropHow = 'end') => crowd.drop(how),
    end: () => {
      head.end()
      return head.current
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function listen(server: NetServer | Server, port: number, host: string): Promise<number> {
  server.listen(port, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
