import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFileClusterService } from '@dromedary/cluster-file'
import { createContext, deadLetterChannel, type Exchange, from, silentSink } from '@dromedary/core'
import { kafka } from '@dromedary/kafka'
import { master } from '@dromedary/master'
import { tcp } from '@dromedary/tcp'
import { RoundCounter } from './round-counter.ts'
import { program, serve, tell, tellError } from './serve.ts'

interface Line {
  readonly id: number
  status: string
  value: number
}

/**
 * Lines that may be in the route at once: enough for what a broker has under way, or what comes between two commits. More
 * are no faster and take memory: ten thousand a hundred megabytes.
 */
const IN_FLIGHT = { plain: 2_000, transacted: 5_000 }

/**
 * What `LinesToKafka` of Camel does. Arguments: the port to listen on at 127.0.0.1, brokers, topic, and for transactions
 * the topic of positions: then as the leader of a cluster on the file service, as in the example. `expect <messages>`
 * begins a round.
 */
await program(async ([port, brokers = '', topic, positions]) => {
  const rounds = new RoundCounter(({ messages, nanoseconds }) => tell(`round ${messages} ${nanoseconds}`))
  const isTransacted = positions !== undefined
  const inFlight = isTransacted ? IN_FLIGHT.transacted : IN_FLIGHT.plain
  const source = `tcp:127.0.0.1:${port}?textline=true&sync=false&maxInFlight=${inFlight}`
  const lines = from(isTransacted ? `master:bench:${source}` : source)
    .routeId('lines')
    // One failure makes the round worthless.
    .errorHandler(deadLetterChannel('direct:failed'))
    .process(() => rounds.began())
    .unmarshal('json')
  const route = !isTransacted
    ? lines
        .process(change)
        .marshal('json')
        .to(`kafka:${topic}`)
        // Reached when the broker has acknowledged the record.
        .process(() => rounds.ended())
    : lines
        .resumable({ position: ({ body }) => (body as Line).id, strategy: `kafka:${positions}` })
        .process(change)
        .marshal('json')
        .to(`kafka:${topic}?transacted=true`)
        // After the session's own, which waits for the commit.
        .process(exchange => exchange.unitOfWork.addSynchronization({ onComplete: () => rounds.ended() }))
  const root = mkdtempSync(join(tmpdir(), 'dromedary-bench-feed-'))
  const context = createContext({
    name: 'bench-lines',
    log: silentSink,
    components: [tcp, master, kafka({ brokers })],
    properties: { 'cluster.scope': String(topic) },
    ...(isTransacted && { cluster: createFileClusterService({ root }) }),
    routes: [
      route,
      from('direct:failed')
        .routeId('failed')
        .process(exchange => tellError(exchange.getProperty('CamelExceptionCaught'))),
    ],
  })
  await context.start()
  await serve(
    `node ${process.version}`,
    ([, messages]) => {
      rounds.expect(Number(messages))
      return 'expecting'
    },
    async () => {
      await context.stop()
      rmSync(root, { recursive: true, force: true })
    },
  )
})

function change(exchange: Exchange): void {
  const line = exchange.body as Line
  line.status = 'processed'
  line.value += 1
  exchange.message.setHeader('CamelKafkaKey', String(line.id))
}
