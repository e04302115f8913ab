import { createInterface } from 'node:readline'
import { messageOf } from '@dromedary/core'
import { readArguments, USAGE } from './arguments.ts'
import type { DropHow } from './options.ts'
import { startSimulator } from './start.ts'

/** The feed as a process of its own. Takes `drop`, `drop reset`, `drop cut`, `end` and `stats` as lines of its standard input. */
const say = (line: string) => process.stdout.write(`feed: ${line}\n`)

try {
  if (process.argv.includes('--help')) process.stdout.write(`${USAGE}\n`)
  else await serve()
} catch (error) {
  process.stderr.write(`feed: ${messageOf(error)}\n`)
  process.exitCode = 1
}

async function serve(): Promise<void> {
  const simulator = await startSimulator({ ...readArguments(process.argv.slice(2)), log: say })
  say(`pid ${process.pid}, tcp ${simulator.tcpPort}, websocket ${simulator.wsPort}`)
  const lines = createInterface({ input: process.stdin })
  lines.on('line', line => {
    const [command, how] = line.trim().split(' ')
    if (command === 'drop') simulator.drop((how as DropHow) || 'end')
    else if (command === 'end') say(`ends with message ${simulator.end()}`)
    else if (command === 'stats') say(JSON.stringify(simulator.stats))
    else say(`unknown command; there are drop [end|reset|cut], end and stats`)
  })
  const stop = () => {
    lines.close()
    say(JSON.stringify(simulator.stats))
    void simulator.close()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}
