import { connect } from 'node:net'
import { Reader, Writer } from './bytes.ts'

/** Which request, in which version. */
export interface Api {
  readonly key: number
  readonly version: number
}

/** How long an answer may take, milliseconds. */
const ANSWER = 10_000

/** The length before each message, in bytes. */
const LENGTH = 4

const CLIENT = 'dromedary-test-servers'

/** One request on a connection of its own. Rejects when there is no answer. */
export async function request(address: string, api: Api, body: Buffer, within: number = ANSWER): Promise<Reader> {
  const message = new Writer().int16(api.key).int16(api.version).int32(1).string(CLIENT).bytes
  const length = new Writer().int32(message.length + body.length).bytes
  const answer = new Reader(await exchange(address, Buffer.concat([length, message, body]), within))
  answer.int32() // The correlation of the only request that there is.
  return answer
}

function exchange(address: string, bytes: Buffer, within: number): Promise<Buffer> {
  const { host, port } = hostAndPort(address)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const timer = setTimeout(() => socket.destroy(new Error(`${address} did not answer in ${within} ms`)), within)
    let said: Buffer = Buffer.alloc(0)
    socket.on('data', chunk => {
      said = Buffer.concat([said, chunk])
      if (said.length < LENGTH || said.length < LENGTH + said.readInt32BE()) return
      resolve(said.subarray(LENGTH))
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      clearTimeout(timer)
      reject(new Error(`${address} closed the connection without an answer`))
    })
    socket.write(bytes)
  })
}

/** The parts of `host:port`; the host may be an IPv6 address in brackets. */
export function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const [, host = '', port] = /^\[?(.+?)\]?:(\d+)$/.exec(address.trim()) ?? []
  if (host === '') throw new Error(`${address} is no host:port`)
  return { host, port: Number(port) }
}
