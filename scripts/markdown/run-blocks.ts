import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ROOT, run } from '../run.ts'
import { problemAt } from './files.ts'
import { missingFrom } from './output.ts'
import type { Program, Workshop } from './programs.ts'

const HOST = join(import.meta.dirname, 'host.ts')
const AT_ONCE = 2
/** A program that prints what it should, or starts, later than this hangs. */
const PATIENCE_MS = 20_000

/** Runs every block that may run; those that define tests run in vitest. Says what failed. */
export async function doesNotRun({ folder, programs }: Workshop): Promise<string[]> {
  const runnable = programs.filter(program => program.notRun === undefined)
  const suites = runnable.filter(({ block }) => /from '(?:vitest|@dromedary\/testing\/contracts)'/.test(block.code))
  const rest = runnable.filter(program => !suites.includes(program))
  for (const program of rest) await settle(program.file, join(folder, 'var'))
  const isPlain = ({ block, output }: Program) => output === undefined && !block.code.includes('runApplication')
  const [plain, others] = [rest.filter(isPlain), rest.filter(program => !isPlain(program))]
  const together = plain.length > 1 ? await playTogether(plain) : false
  const alone = together ? others : [...plain, ...others]
  const problems: string[] = []
  const worker = async () => {
    for (let next = alone.shift(); next !== undefined; next = alone.shift()) problems.push(...(await playOne(next)))
  }
  await Promise.all([...Array.from({ length: AT_ONCE }, worker), failingSuites(folder, suites, problems)])
  return problems.sort()
}

/** Whether all of them run in one process, which is quick. Where they do not, each is run alone to find out which. */
async function playTogether(programs: readonly Program[]): Promise<boolean> {
  const { code, printed } = await play(programs.map(({ file }) => file))
  return code === 0 && !ERROR.test(printed)
}

/** Fixed ports become free ones, and folders of a server some of the workshop's. */
async function settle(file: string, folder: string): Promise<void> {
  let code = readFileSync(file, 'utf8').replaceAll('/var/lib/', `${folder}/`)
  for (const port of new Set(code.match(/(?<=[:'"])[1-9]\d{3,4}(?=[/?'"])/g))) {
    code = code.replaceAll(new RegExp(`(?<=[:'"])${port}(?=[/?'"])`, 'g'), String(await freePort()))
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, code)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { readonly port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Line of the start of an application (`runApplication`), whose module does not end before the application does. */
const STARTED = /^.* Started .* pid \d+.*$/m

const ERROR = /^\S+ \S+ ERROR .*$/m

async function playOne({ file, block, output }: Program): Promise<string[]> {
  const isDone = (printed: string) =>
    output === undefined ? STARTED.test(printed) : missingFrom(printed, output) === undefined
  const { code, printed } = await play(output === undefined ? [file] : ['--stay', file], isDone)
  const missing = output === undefined ? undefined : missingFrom(printed, output)
  if (missing !== undefined) return [problemAt(block, `does not print "${missing}" but\n${printed.trimEnd()}`)]
  if (code !== 0) return [problemAt(block, `does not run (${code ?? 'hangs'})\n${printed.trimEnd()}`)]
  const failed = output === undefined ? ERROR.exec(printed)?.[0] : undefined
  return failed === undefined ? [] : [problemAt(block, `logs an error: ${failed}`)]
}

/** Runs the host until it ends, or until it is done: then it is told to stop, and may die of that. */
async function play(args: readonly string[], isDone: (printed: string) => boolean = () => false) {
  const child = spawn(process.execPath, [HOST, ...args], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(ROOT, '.cache/compiled'), FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let stopped = false
  const look = (chunk: Buffer) => {
    printed += chunk
    if (isDone(printed)) stopped ||= child.kill('SIGTERM')
  }
  child.stdout.on('data', look)
  child.stderr.on('data', look)
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const ended = await new Promise<number | null>(resolve => child.on('close', resolve))
  clearTimeout(patience)
  return { code: stopped && ended === null ? 0 : ended, printed }
}

async function failingSuites(folder: string, suites: readonly Program[], problems: string[]): Promise<void> {
  const [first] = suites
  if (first === undefined) return
  const config = join(ROOT, 'scripts/markdown/vitest.config.ts')
  const { code, output } = await run('vitest', [
    ...['run', '--root', folder, '--config', config],
    ...suites.map(({ file }) => file),
  ])
  if (code === 0) return
  const who = `(${suites.length} blocks that define tests)`
  problems.push(problemAt(first.block, `${who} vitest ended with ${code}\n${output}`))
}
