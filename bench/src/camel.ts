import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Contender, plain } from './contender.ts'
import { CamelMissing, classPathOf } from './maven.ts'
import type { Window } from './window.ts'

const PROJECT = join(import.meta.dirname, '../camel')

/**
 * The same routes on camel-core, in a JVM that waits between its windows. Rejects with {@link CamelMissing} where Java,
 * Maven or Maven's repository is not to be had.
 */
export async function camelContender(): Promise<Contender> {
  const classes = await classPathOf(PROJECT, 'bench-camel.jar')
  const child = spawn('java', ['-cp', classes, 'dromedary.bench.BenchServer'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = answersOf(child)
  const ready = await answers()
  return {
    name: 'camel',
    about: ready.replace('ready ', ''),
    async window(route, ms) {
      child.stdin?.write(`${plain(route)} ${Math.round(ms)}\n`)
      return parse(await answers())
    },
    async [Symbol.asyncDispose]() {
      const ended = new Promise(resolve => child.once('close', resolve))
      child.stdin?.end()
      await ended
    },
  }
}

function parse(line: string): Window {
  const [count = 0, nanoseconds = 0, cpuNanoseconds = 0] = line.split(' ').slice(1).map(Number)
  if (!(count > 0 && nanoseconds > 0 && cpuNanoseconds > 0)) throw new Error(`camel: ${line}`)
  return { count, nanoseconds, cpuNanoseconds }
}

/** Reads the answers one by one; rejects when the JVM ends instead of answering. */
function answersOf(child: ChildProcess): () => Promise<string> {
  const gone = new Promise<string>((_, reject) => {
    child.once('error', error => reject(new CamelMissing(`java does not start: ${error.message}`)))
    child.once('close', code => reject(new Error(`camel: the JVM ended with ${code}`)))
  })
  gone.catch(() => {})
  if (child.stdout === null) throw new Error('camel: the JVM has no standard output')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return () => Promise.race([lines.next().then(line => String(line.value)), gone])
}
