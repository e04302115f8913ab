import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What its first line begins with; the rest of the line says what it is. */
const READY = 'ready '
/** A line that begins so makes the run worthless. */
const ERROR = 'error '

/** How long one answer may take, milliseconds: whoever has lost a message would never give it. */
const WITHIN = 600_000

/** What to run, and what to call it in errors. */
export interface ProgramCommand {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
}

/** A process that says `ready …`, takes a line and answers it with a line, and ends with its standard input. */
export class Program implements AsyncDisposable {
  readonly about: string
  readonly pid: number
  readonly #child: ChildProcess
  readonly #next: () => Promise<string>

  /** For {@link startProgram}: it is ready. */
  constructor(child: ChildProcess, pid: number, about: string, next: () => Promise<string>) {
    this.#child = child
    this.pid = pid
    this.about = about
    this.#next = next
  }

  /** Its next answer, without the word that it begins with. Rejects for an error, another word, and its end. */
  answer(word: string): Promise<string> {
    return this.#next().then(line => rest(line, word))
  }

  ask(command: string, word: string): Promise<string> {
    this.#child.stdin?.write(`${command}\n`)
    return this.answer(word)
  }

  /** The most memory that it ever had resident, megabytes. Linux only; NaN elsewhere. */
  get peakMb(): number {
    return Number(/VmHWM:\s+(\d+) kB/.exec(statusOf(this.pid))?.[1]) / 1024
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise<void>(resolve => this.#child.once('exit', () => resolve()))
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 30_000)
    await ended
    clearTimeout(timer)
  }
}

/** Resolves when it is ready. It is killed when this process exits. */
export async function startProgram({ name, file, args }: ProgramCommand): Promise<Program> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  child.stdin.on('error', () => {})
  const next = linesOf(name, child)
  try {
    const about = rest(await next(), READY.trim())
    return new Program(child, child.pid ?? Number.NaN, about, next)
  } catch (error) {
    kill()
    throw error
  }
}

/** What Node is told for some of the programs. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  'idle-server': ['--expose-gc'],
  // Of kafkajs, with each of its requests.
  'consume-kafkajs': ['--disable-warning=TimeoutNegativeWarning'],
}

/** A program of the folder `programs`, run by the Node that runs this. */
export const nodeProgram = (name: string, script: string, ...args: (string | number)[]): Promise<Program> =>
  startProgram({
    name,
    file: process.execPath,
    args: [...(FLAGS[script] ?? []), join(import.meta.dirname, 'programs', `${script}.ts`), ...args.map(String)],
  })

function linesOf(name: string, child: ChildProcess): () => Promise<string> {
  if (child.stdout === null) throw new Error(`${name}: no standard output`)
  const gone = new Promise<string>((_, reject) => {
    child.once('error', error => reject(new Error(`${name} does not start: ${error.message}`)))
    child.once('close', code => reject(new Error(`${name} ended with ${code} instead of answering`)))
  })
  gone.catch(() => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async () => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${name} did not answer within ${WITHIN / 1000} s`)), WITHIN)
    })
    try {
      const line = await Promise.race([
        lines.next().then(({ done, value }) => (done ? gone : String(value))),
        gone,
        late,
      ])
      if (line.startsWith(ERROR)) throw new Error(`${name}: ${line.slice(ERROR.length)}`)
      return line
    } finally {
      clearTimeout(timer)
    }
  }
}

function rest(line: string, word: string): string {
  if (line !== word && !line.startsWith(`${word} `)) throw new Error(`"${word} …" was expected, not "${line}"`)
  return line.slice(word.length + 1)
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
