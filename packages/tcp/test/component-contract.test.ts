import { sleep } from '@dromedary/core'
import { componentContract } from '@dromedary/testing/contracts'
import { netty, tcp } from '../src/index.ts'
import { countingClock } from './support/counting-clock.ts'
import { dial, PeerServer } from './support/peer.ts'

/** Sockets and servers that the process holds. */
const handles = () => process.getActiveResourcesInfo().filter(one => /^TCP|^Pipe(?!Wrap)/.test(one)).length

const PORT_OF_TEST = 20_000 + (process.pid % 20_000)

componentContract({
  name: 'tcp, a server',
  async create() {
    const clock = countingClock()
    const before = handles()
    return {
      component: tcp,
      uri: `tcp:127.0.0.1:${PORT_OF_TEST}?textline=true&sync=false`,
      clock,
      advance: async ms => void (await sleep(clock, Math.max(1, ms))),
      offer: async () => {
        const peer = await dial(PORT_OF_TEST).catch(() => undefined)
        peer?.socket.end('a line\n')
      },
      withinMs: 100,
      held: () => Math.max(0, handles() - before) + clock.pending,
    }
  },
  claims: { consumes: true, 'strict-options': true },
})

componentContract({
  name: 'netty, a client',
  async create() {
    const clock = countingClock()
    const server = await PeerServer.start()
    return {
      component: netty,
      uri: `netty:tcp://127.0.0.1:${server.port}?textline=true&sync=false&clientMode=true`,
      clock,
      advance: async ms => void (await sleep(clock, Math.max(1, ms))),
      offer: () => {
        for (const peer of server.peers) peer.write('a line\n')
      },
      withinMs: 100,
      held: () => server.peers.filter(peer => !peer.ended && !peer.closed).length + clock.pending,
      dispose: () => server.close(),
    }
  },
  claims: { consumes: true, 'strict-options': true },
})
