import { createContext, routes, silentSink } from '@dromedary/core'
import { eventually } from '@dromedary/testing'
import { expect, it, onTestFinished } from 'vitest'
import { ws } from '../src/index.ts'
import { freePort } from './support/free-port.ts'
import { TestClient } from './support/test-client.ts'

const { from } = routes({ ws })

async function run(routesOf: (port: number) => Parameters<typeof createContext>[0]['routes']) {
  const port = await freePort()
  const context = createContext({ components: [ws], routes: routesOf(port), log: silentSink })
  onTestFinished(() => context.stop())
  await context.start()
  return { context, port }
}

it('a route that sends to where its exchanges come from echoes', async () => {
  const { port } = await run(port => [from(`ws:127.0.0.1:${port}/echo`).to(`ws:127.0.0.1:${port}/echo`)])
  const peers = [
    await TestClient.connect(`ws://127.0.0.1:${port}/echo`),
    await TestClient.connect(`ws://127.0.0.1:${port}/echo`),
  ]
  for (const [at, peer] of peers.entries()) for (let turn = 0; turn < 100; turn++) peer.send(`${at}:${turn}`)
  for (const [at, peer] of peers.entries()) {
    await eventually(() => expect(peer.received).toEqual(Array.from({ length: 100 }, (_, turn) => `${at}:${turn}`)))
    peer.terminate()
  }
})

it('routes meet over a socket: a client that produces, a server that tells all, a client that consumes', async () => {
  const got: unknown[] = []
  const { context, port } = await run(port => [
    from(`ws:127.0.0.1:${port}/in`).routeId('hub').to(`ws:127.0.0.1:${port}/out?sendToAll=true`),
    from(`ws:127.0.0.1:${port}/out`).routeId('out').log('unused'),
    from(ws(`127.0.0.1:${port}/out`, { consumeAsClient: true, reconnectInitialDelay: 5 }))
      .routeId('listener')
      .process(({ body }) => {
        got.push(body)
      }),
  ])
  await context.template.sendBody(`ws:127.0.0.1:${port}/in`, 'hello')
  await eventually(() => expect(got).toEqual(['hello']))
  const begun = performance.now()
  await context.stop()
  expect(performance.now() - begun).toBeLessThan(2_000)
})
