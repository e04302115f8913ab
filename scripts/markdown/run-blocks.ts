import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { ROOT, run } from '../run.ts'
import { problemAt } from './files.ts'
import { missingFrom } from './output.ts'
import type { Program, Workshop } from './programs.ts'

const HOST = join(import.meta.dirname, 'host.ts')
const AT_ONCE = 2
/** A program that prints what it should, or starts, later than this hangs. */
const PATIENCE_MS = 20_000

/** Runs every block that may run, in a process each; those that define tests run in vitest. Says what failed. */
export async function doesNotRun(workshop: Workshop): Promise<string[]> {
  const runnable = workshop.programs.filter(program => program.notRun === undefined)
  const suites = runnable.filter(({ block }) => /from '(?:vitest|@dromedary\/testing\/contracts)'/.test(block.code))
  const rest = runnable.filter(program => !suites.includes(program))
  for (const program of rest) await settle(program.file, join(workshop.folder, 'var'))
  const problems: string[] = []
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) problems.push(...(await playOne(next)))
  }
  await Promise.all([...Array.from({ length: AT_ONCE }, worker), failingSuites(suites, problems)])
  return problems.sort()
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

async function playOne({ file, block, output }: Program): Promise<string[]> {
  const child = spawn(process.execPath, [HOST, file, ...(output === undefined ? [] : ['stay'])], {
    cwd: dirname(file),
    env: { ...process.env, NODE_COMPILE_CACHE: join(ROOT, '.cache/compiled'), FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let stopped = false
  const stop = () => {
    stopped ||= child.kill('SIGTERM')
  }
  const look = (chunk: Buffer) => {
    printed += chunk
    if (output === undefined ? STARTED.test(printed) : missingFrom(printed, output) === undefined) stop()
  }
  child.stdout.on('data', look)
  child.stderr.on('data', look)
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  clearTimeout(patience)
  const missing = output === undefined ? undefined : missingFrom(printed, output)
  if (missing !== undefined) return [problemAt(block, `does not print "${missing}" but\n${printed.trimEnd()}`)]
  // A context without an application dies of the signal, an application ends with 0.
  const ended = code === 0 || (stopped && code === null)
  const failed = /^\S+ \S+ ERROR .*$/m.exec(output === undefined ? printed : '')?.[0]
  if (ended && failed === undefined) return []
  return [
    problemAt(block, ended ? `logs an error: ${failed}` : `does not run (${code ?? 'hangs'})\n${printed.trimEnd()}`),
  ]
}

async function failingSuites(suites: readonly Program[], problems: string[]): Promise<void> {
  const [first] = suites
  if (first === undefined) return
  const files = suites.map(({ file }) => file)
  const args = [
    'run',
    '--root',
    dirname(dirname(dirname(first.file))),
    '--config',
    join(ROOT, 'scripts/markdown/vitest.config.ts'),
  ]
  const { code, output } = await run('vitest', [...args, ...files])
  if (code === 0) return
  problems.push(
    problemAt(first.block, `(${suites.length} blocks that define tests) vitest ended with ${code}\n${output}`),
  )
}
