import { createContext, from, silentSink } from '@dromedary/core'
import { kafka } from '@dromedary/kafka'
import { Arrivals } from './arrivals.ts'
import { program, serve } from './serve.ts'

/** Arguments: brokers, topic. `read <messages> <group>` reads so many from the beginning, in a context of its own. */
await program(async ([brokers = '', topic]) => {
  const read = async (messages: number, group: string) => {
    const arrivals = new Arrivals(messages)
    const context = createContext({
      name: 'bench-consumer',
      log: silentSink,
      components: [kafka({ brokers })],
      routes: [
        from(`kafka:${topic}?groupId=${group}&autoOffsetReset=earliest`)
          .routeId('consumer')
          .process(() => arrivals.add()),
      ],
    })
    arrivals.start()
    await context.start()
    const line = await arrivals.line
    await context.stop()
    return line
  }
  await serve(
    `node ${process.version}`,
    ([, messages, group = '']) => read(Number(messages), group),
    async () => {},
  )
})
