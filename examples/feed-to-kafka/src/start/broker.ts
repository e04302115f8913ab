import { startKafka } from '@dromedary/test-servers/kafka'

/**
 * A broker in a process group of its own: Ctrl-C is for the application, which needs the broker to stop in order. Prints
 * its address, and ends when its standard input does, so also with whoever started it.
 */
try {
  await using server = await startKafka()
  process.stdout.write(`${server.brokers}\n`)
  for await (const _ of process.stdin);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
