import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { type KafkaTool, type ToolOptions, toolCommand } from './tool.ts'

/** Takes a line of what a tool prints. False: no more is wanted, and the tool is ended. */
export type TakeLine = (line: string) => boolean

/** How to run it. */
export interface LinesOptions extends Pick<ToolOptions, 'folder' | 'source'> {
  /** No more is wanted once it aborts. */
  readonly signal?: AbortSignal
}

/**
 * Runs a tool and hands over what it prints line by line, while it runs: for more than fits into one text, and for tools
 * that do not end by themselves. Rejects for any exit code but 0, and with what `take` threw.
 */
export async function kafkaToolLines(
  tool: KafkaTool,
  args: readonly string[],
  take: TakeLine,
  options: LinesOptions = {},
): Promise<void> {
  const [file, ...rest] = await toolCommand(tool, args, options)
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  const closed = once(child, 'close')
  const said = text(child.stderr)
  let wanted = true
  let failure: unknown
  const enough = () => {
    wanted = false
    child.stdin.destroy()
    kill()
  }
  options.signal?.addEventListener('abort', enough, { once: true })
  createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', line => {
    if (!wanted) return
    try {
      if (!take(line)) enough()
    } catch (error) {
      failure = error
      enough()
    }
  })
  try {
    const [code] = await closed
    if (failure !== undefined) throw failure
    if (wanted && code !== 0) throw new Error(`${tool} ended with ${code}: ${(await said).trim()}`)
  } finally {
    process.off('exit', kill)
    options.signal?.removeEventListener('abort', enough)
  }
}
