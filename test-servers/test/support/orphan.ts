import { spawnServer } from '../../src/server-process.ts'

/** Starts a process that would go on for ever, says its pid, and ends. */
const [log = '', how] = process.argv.slice(2)
const server = await spawnServer({ file: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], log })
process.stdout.write(`${server.pid}\n`)
if (how === 'throw') throw new Error('on purpose')
process.exit(0)
