import { createContext, from, silentSink } from '@dromedary/core'
import { kafka } from '@dromedary/kafka'
import { LINE_BYTES } from '../line.ts'
import { program, serve } from './serve.ts'

/** Exchanges that are under way at once. */
const IN_FLIGHT = 10_000
const BODY = 'x'.repeat(LINE_BYTES)

/** Arguments: brokers, topic. `send <messages>` sends so many exchanges through a route, one record each. */
await program(async ([brokers = '', topic]) => {
  const context = createContext({
    name: 'bench-producer',
    log: silentSink,
    components: [kafka({ brokers })],
    routes: [from('direct:out').routeId('producer').to(`kafka:${topic}`)],
  })
  await context.start()
  const { template } = context
  const sender = await template.sender('direct:out')
  const send = async (messages: number) => {
    let sent = 0
    let done = 0
    let failure: unknown
    // Of how many ended exchanges the loop waits for.
    let wakeAt = Number.NaN
    let wake = () => {}
    const start = process.hrtime.bigint()
    const one = () => {
      const exchange = template.createExchange(BODY)
      const end = () => {
        failure ??= exchange.exception
        if (++done === wakeAt || failure !== undefined) wake()
      }
      const pending = sender(exchange)
      if (pending === undefined) end()
      else void pending.then(end)
    }
    const until = (count: number) => {
      if (done >= count || failure !== undefined) return
      wakeAt = count
      return new Promise<void>(resolve => {
        wake = resolve
      })
    }
    for (; sent < messages && failure === undefined; sent++) {
      if (sent - done >= IN_FLIGHT) await until(sent - IN_FLIGHT / 2)
      one()
    }
    await until(messages)
    if (failure !== undefined) throw failure
    return `sent ${done} ${process.hrtime.bigint() - start}`
  }
  await serve(
    `node ${process.version}`,
    ([, messages]) => send(Number(messages)),
    () => context.stop(),
  )
})
