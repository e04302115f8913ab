import http from 'node:http'
import https from 'node:https'
import { ApiFailure } from '../api.ts'
import type { Door } from './access.ts'

export type Method = 'GET' | 'POST' | 'PUT'

/** An answer of the server that is no failure. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** No object that an election reads is larger; the server's own limit for one is about 1.5 MiB. */
const LARGEST = 8 * 1024 * 1024

function request({ url, options }: Door, method: Method, signal: AbortSignal, length?: number): http.ClientRequest {
  // Given up while we asked who we are: a connection would be left to nobody.
  signal.throwIfAborted()
  const headers = {
    ...options.headers,
    accept: 'application/json',
    'user-agent': 'dromedary',
    ...(length !== undefined && { 'content-type': 'application/json', 'content-length': length }),
  }
  const sent = (url.protocol === 'http:' ? http : https).request(url, { ...options, method, headers })
  // Not by the option: where the whole answer has come, Node 22 throws the AbortError where nobody can catch it.
  const end = () => void sent.destroy()
  signal.addEventListener('abort', end, { once: true })
  sent.once('close', () => signal.removeEventListener('abort', end))
  return sent
}

/** One request and its answer, read to the end. Rejects with whatever went wrong. */
export async function talk(door: Door, method: Method, body: unknown, signal: AbortSignal): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const sent = request(door, method, signal, text === undefined ? undefined : Buffer.byteLength(text))
  const response = await responseOf(sent, text)
  return { status: response.statusCode ?? 0, body: await bodyOf(response) }
}

function responseOf(sent: http.ClientRequest, text: string | undefined): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', response => {
      // Whoever reads it hears of it; whoever has given it up need not.
      response.on('error', () => {})
      resolve(response)
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

async function bodyOf(response: http.IncomingMessage): Promise<unknown> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    text += chunk
    if (text.length > LARGEST) throw new ApiFailure('the answer is too large', { reason: 'EMSGSIZE' })
  }
  try {
    return JSON.parse(text)
  } catch {
    // Proxies answer with pages.
    return text
  }
}

/** Resolves when the server has ended the stream: undefined, or its refusal. */
export async function listen(
  door: Door,
  signal: AbortSignal,
  { opened, line }: { opened(): void; line(line: string): void },
): Promise<Answer | undefined> {
  const response = await responseOf(request(door, 'GET', signal), undefined)
  if (response.statusCode !== 200) return { status: response.statusCode ?? 0, body: await bodyOf(response) }
  // A member that only looks on keeps no process alive.
  response.socket.unref()
  opened()
  response.setEncoding('utf8')
  for await (const text of linesOf(response)) line(text)
  return undefined
}

/** A line may come in many pieces: only what is new is searched for its end. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let pieces: string[] = []
  let length = 0
  for await (const chunk of chunks) {
    const parts = chunk.split('\n')
    for (const [at, part] of parts.entries()) {
      pieces.push(part)
      length += part.length
      if (length > LARGEST) throw new ApiFailure('a line of the watch is too long', { reason: 'EMSGSIZE' })
      if (at === parts.length - 1) break
      const line = pieces.join('')
      pieces = []
      length = 0
      if (line !== '') yield line
    }
  }
}
