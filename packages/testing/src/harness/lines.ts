import { StringDecoder } from 'node:string_decoder'
import { systemClock } from '@dromedary/core'

/** One line that a process printed. */
export interface Line {
  readonly text: string
  readonly stream: 'stdout' | 'stderr'
  /** When it was received: the host's monotonic clock in milliseconds, comparable between processes of one host. */
  readonly at: number
}

export interface WaitForLine {
  /** Gives up after this, milliseconds. Default 30,000. */
  readonly within?: number
  /** Looks only at lines from this index on. Default 0: also at what was printed before. */
  readonly from?: number
}

type Matches = (text: string) => boolean

/** Everything that a process printed, line by line, and a way to wait for more. */
export class Lines {
  readonly #name: string
  readonly #all: Line[] = []
  readonly #waiting = new Set<(line: Line | undefined) => void>()
  #ended: string | undefined

  constructor(name: string) {
    this.#name = name
  }

  /** In the order of their receipt; grows. */
  get all(): readonly Line[] {
    return this.#all
  }

  /** Texts of the lines that match. */
  matching(pattern: RegExp | string): string[] {
    return this.#all.map(line => line.text).filter(matcher(pattern))
  }

  /**
   * The first line that matches, awaited by event. Rejects when the time is up or the process ended, quoting the last lines.
   */
  waitFor(pattern: RegExp | string, options: WaitForLine = {}): Promise<Line> {
    const { within = 30_000, from = 0 } = options
    const matches = matcher(pattern)
    const there = this.#all.slice(from).find(line => matches(line.text))
    if (there) return Promise.resolve(there)
    if (this.#ended) return Promise.reject(this.#failure(pattern, this.#ended))
    return new Promise((resolve, reject) => {
      const done = () => {
        timer.cancel()
        this.#waiting.delete(look)
      }
      const look = (line: Line | undefined) => {
        if (line && !matches(line.text)) return
        done()
        if (line) resolve(line)
        else reject(this.#failure(pattern, this.#ended ?? 'it ended'))
      }
      const timer = systemClock.setTimeout(() => {
        done()
        reject(this.#failure(pattern, `not within ${within} ms`))
      }, within)
      this.#waiting.add(look)
    })
  }

  /** For the harness: takes what comes out of a stream. */
  read(stream: NodeJS.ReadableStream, name: Line['stream']): void {
    const decoder = new StringDecoder('utf8')
    let rest = ''
    const add = (text: string, at: number) => {
      const line: Line = { text: text.endsWith('\r') ? text.slice(0, -1) : text, stream: name, at }
      this.#all.push(line)
      for (const look of [...this.#waiting]) look(line)
    }
    stream.on('data', (chunk: Buffer) => {
      const at = systemClock.monotonic()
      const parts = (rest + decoder.write(chunk)).split('\n')
      rest = parts.pop() ?? ''
      for (const part of parts) add(part, at)
    })
    stream.on('end', () => {
      if (rest !== '') add(rest, systemClock.monotonic())
    })
  }

  /** For the harness: nothing more will come. */
  end(why: string): void {
    this.#ended = why
    for (const look of [...this.#waiting]) look(undefined)
  }

  #failure(pattern: RegExp | string, why: string): Error {
    const last = this.#all.slice(-5).map(line => `\n  ${line.text}`)
    return new Error(`no line ${pattern} from ${this.#name}: ${why}; its last lines:${last.join('') || ' none'}`)
  }
}

function matcher(pattern: RegExp | string): Matches {
  return typeof pattern === 'string' ? text => text.includes(pattern) : text => text.search(pattern) >= 0
}
