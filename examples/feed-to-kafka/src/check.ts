import { parseArgs } from 'node:util'
import { messageOf } from '@dromedary/core'
import { recordOf } from './check/console-line.ts'
import { FeedCheck } from './check/feed-check.ts'
import { report } from './check/report.ts'
import { readTopic } from './read-topic.ts'
import { runFileOr } from './start/run-file.ts'

/**
 * Says whether the topic has every message once and in order. Exit code 1 if it has not, 2 if that cannot be found out.
 * `--brokers`, `--topic`, `--dead-letters`: by default those of `start`. `--first`, `--last`: what the feed has sent, where
 * that is known; without them only what is missing in between shows.
 */
try {
  process.exitCode = (await check()) ? 0 : 1
} catch (error) {
  process.stderr.write(`check: ${messageOf(error)}\n`)
  process.exitCode = 2
}

async function check(): Promise<boolean> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: { brokers: text, topic: text, 'dead-letters': text, first: text, last: text },
  })
  const { brokers, topic, deadLetters } = values.brokers
    ? { brokers: values.brokers, topic: 'prices', deadLetters: 'prices-dead-letters' }
    : runFileOr('name the brokers by --brokers')
  const names = { topic: values.topic ?? topic, deadLetters: values['dead-letters'] ?? deadLetters }
  process.stdout.write(`check: reading ${names.topic} and ${names.deadLetters} of ${brokers}\n`)
  const found = new FeedCheck()
  await readTopic(brokers, names.topic, line => found.add(recordOf(line)))
  await readTopic(brokers, names.deadLetters, ({ value }) => found.addDeadLetter({ line: value }))
  const verdict = found.verdict({
    ...(values.first !== undefined && { first: Number(values.first) }),
    ...(values.last !== undefined && { last: Number(values.last) }),
  })
  for (const line of report(verdict)) process.stdout.write(`check: ${line}\n`)
  return verdict.ok
}
