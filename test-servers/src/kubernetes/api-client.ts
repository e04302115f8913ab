import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Connection } from './connection.ts'
import type { KubernetesObject } from './objects.ts'
import { StatusError } from './status-error.ts'
import { Watch } from './watch.ts'

/** What a request may carry beside its method and path. */
export type Headers = Readonly<Record<string, string>>

/** No answer after this, milliseconds, is an error. A frozen server would hold the test for ever. */
const TIMEOUT = 30_000

/** Speaks to an API server with nothing but `node:https`; each request has a connection of its own. */
export class ApiClient {
  readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  /**
   * One request, and its answer's JSON (its text, where it is something else). A body that is no string is sent as JSON,
   * with PATCH as a merge patch. Rejects with a {@link StatusError} from 400 on.
   */
  async request<T = KubernetesObject>(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<T> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await this.#send(method, path, content, {
      accept: 'application/json',
      ...(content === undefined ? {} : { 'content-type': type }),
      ...headers,
    })
    const text = await textOf(answer)
    if ((answer.statusCode ?? 0) >= 400) throw StatusError.of(answer.statusCode ?? 0, text, `${method} ${path}`)
    return parse(text) as T
  }

  /** Watches a collection: `watch=true` is added to the path. Rejects with a {@link StatusError} if it is refused. */
  async watch(path: string): Promise<Watch> {
    const watched = `${path}${path.includes('?') ? '&' : '?'}watch=true`
    const answer = await this.#send('GET', watched, undefined, { accept: 'application/json' })
    const status = answer.statusCode ?? 0
    if (status >= 400) throw StatusError.of(status, await textOf(answer), `GET ${watched}`)
    answer.socket.setTimeout(0)
    return new Watch(answer)
  }

  #send(method: string, path: string, body: string | undefined, headers: Headers): Promise<IncomingMessage> {
    const { url, ca, token, cert, key, skipVerify = false } = this.connection
    return new Promise((resolve, reject) => {
      const request = httpsRequest(new URL(path, url), {
        method,
        agent: false,
        timeout: TIMEOUT,
        rejectUnauthorized: !skipVerify,
        headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      })
      request.once('response', resolve)
      request.once('error', reject)
      request.once('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in ${TIMEOUT} ms`)))
      request.end(body)
    })
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
