import { startKafka } from '../../src/kafka/server.ts'

/** Starts a broker, says its folder and its pid, and waits to be killed. */
const server = await startKafka()
process.stdout.write(`${server.folder} ${server.pid}\n`)
