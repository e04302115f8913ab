import { eventually } from '@dromedary/testing'
import { expect, it, onTestFinished } from 'vitest'
import { PeerServer } from './support/peer.ts'
import { consume } from './support/route.ts'

/** The hard end of a leadership may come while its consumer quiesces: then both are waited for. */
it('a forced close ends the gentle one that it overtakes', async () => {
  const server = await PeerServer.start()
  onTestFinished(() => server.close())
  const { route, consumer } = await consume(
    `tcp:127.0.0.1:${server.port}?clientMode=true&textline=true&connectMessage=FROM[ {position}]`,
  )
  await eventually(() => route.states.at(-1) === 'connected')
  const quiesced = Promise.resolve(consumer.quiesce())
  const closed = Promise.resolve(consumer.close(true))
  await expect(Promise.all([quiesced, closed])).resolves.toBeDefined()
})
