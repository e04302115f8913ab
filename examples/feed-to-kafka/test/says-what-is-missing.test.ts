import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { scripts, temporaryFolder } from './support/scripts.ts'

const printed = (lines: { readonly all: readonly { readonly text: string }[] }) => lines.all.map(({ text }) => text)

it('start says in one line that there is no Kafka, and what to do', async () => {
  const { run } = scripts({ PATH: temporaryFolder() })
  const start = await run('start')
  expect((await start.exited).code).toBe(1)
  expect(printed(start.lines)).toEqual([
    'start: no Kafka: there is neither KAFKA_BROKERS nor a Docker that works nor Java and Maven. Set KAFKA_BROKERS=host:port, or install Docker, or Java 17 and Maven',
  ])
})

it('start refuses options that the feed does not have', async () => {
  const { run } = scripts()
  const start = await run('start', '--speed=5')
  expect((await start.exited).code).toBe(1)
  expect(printed(start.lines)[0]).toMatch(/^start: .*--speed/)
})

it.for([
  ['member', 1],
  ['check', 2],
] as const)('%s says that nothing was started', async ([script, code]) => {
  const { run } = scripts()
  const process = await run(script)
  expect((await process.exited).code).toBe(code)
  expect(printed(process.lines)).toEqual([
    expect.stringMatching(
      new RegExp(`^${script}: nothing was started: run "npx -y pnpm@12 --filter feed-to-kafka start" elsewhere, or `),
    ),
  ])
})

it('start takes no notice of what a run that has ended left', async () => {
  const { run, runFile } = scripts({ PATH: temporaryFolder() })
  // Nobody listens there.
  writeFileSync(runFile, JSON.stringify({ brokers: 'x:1', host: '127.0.0.1', tcpPort: 1, wsPort: 1 }))
  const start = await run('start')
  await start.waitForLine('no Kafka')
})

it('the simulator tells its ports, obeys, and says at its end what it gave', async () => {
  const { run } = scripts()
  const feed = await run('simulator/main', '--total=10')
  await feed.waitForLine(/^feed: pid \d+, tcp \d+, websocket \d+$/)
  feed.writeLine('stats')
  const { text } = await feed.waitForLine(/^feed: \{/)
  expect(JSON.parse(text.slice(6))).toMatchObject({ connections: 0, sent: 0 })
  feed.writeLine('end')
  await feed.waitForLine('feed: ends with message 0')
  feed.writeLine('jump')
  await feed.waitForLine('unknown command')
  expect((await feed.stop()).code).toBe(0)
  const wrong = await run('simulator/main', '--drop-how=softly')
  expect((await wrong.exited).code).toBe(1)
})
