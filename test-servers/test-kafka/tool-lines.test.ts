import { describe, expect, it } from 'vitest'
import { kafkaToolLines } from '../src/kafka/index.ts'
import { sharedKafka } from '../src/kafka/vitest.ts'

const kafka = sharedKafka()
const source = kafka.info.tools

// Somebody else's brokers may be all that there is.
describe.skipIf(source.kind === 'none')('a tool, line by line', () => {
  it('hands over what a tool prints while it runs, and ends it when no more is wanted', async () => {
    const topic = await kafka.topic()
    await kafka.write(topic, ['one', 'two', 'three'])
    const lines: string[] = []
    // Without a time-out the consumer would wait for more for ever.
    const args = ['--bootstrap-server', kafka.brokers, '--topic', topic, '--from-beginning']
    await kafkaToolLines('kafka-console-consumer', args, line => lines.push(line) < 2, { source })
    expect(lines).toEqual(['one', 'two'])
  })

  it('ends it on a signal', async () => {
    const topic = await kafka.topic()
    await kafka.write(topic, ['one'])
    const enough = new AbortController()
    const args = ['--bootstrap-server', kafka.brokers, '--topic', topic, '--from-beginning']
    const take = () => {
      setImmediate(() => enough.abort())
      return true
    }
    await kafkaToolLines('kafka-console-consumer', args, take, { source, signal: enough.signal })
    expect(enough.signal.aborted).toBe(true)
  })

  it('rejects with what the tool said, and with what the caller threw', async () => {
    const args = ['--bootstrap-server', kafka.brokers]
    const nothing = kafkaToolLines('kafka-console-consumer', args, () => true, { source })
    await expect(nothing).rejects.toThrow(/kafka-console-consumer ended with 1: [\s\S]*topic/)
    const topic = await kafka.topic()
    await kafka.write(topic, ['one'])
    const throwing = kafkaToolLines(
      'kafka-console-consumer',
      [...args, '--topic', topic, '--from-beginning'],
      line => {
        throw new Error(`no ${line}`)
      },
      { source },
    )
    await expect(throwing).rejects.toThrow('no one')
  })
})
