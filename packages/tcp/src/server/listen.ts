import { lstat, unlink } from 'node:fs/promises'
import { createConnection, type Server } from 'node:net'
import { DromedaryError, messageOf } from '@dromedary/core/component'
import { type Address, listenOn, writeAddress } from '../address.ts'

/** What an error of the system means, and what to do. */
const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is in use: stop what listens there, or choose another one',
  EACCES: 'this process may not listen there: ports below 1024, and folders, need rights',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'nobody knows a host of that name',
  ENOENT: 'the folder of the socket does not exist',
}

export interface ListenPlan {
  readonly address: Address
  readonly backlog: number
  /** Secrets masked. */
  readonly uri: string
  /** Gives up, and rejects with its reason. */
  readonly signal: AbortSignal | undefined
}

/**
 * Resolves when the server is bound. Rejects with `DROMEDARY_START_FAILED`. A unix socket whose owner has died is
 * removed: nothing listens on it, and nobody ever could.
 */
export async function listen(server: Server, { address, backlog, uri, signal }: ListenPlan): Promise<void> {
  try {
    await bind(server, address, backlog, signal)
  } catch (error) {
    signal?.throwIfAborted()
    if (!('path' in address) || codeOf(error) !== 'EADDRINUSE' || !(await isOrphan(address.path))) {
      throw failed(error, address, uri)
    }
    try {
      await unlink(address.path)
      await bind(server, address, backlog, signal)
    } catch (again) {
      throw failed(again, address, uri)
    }
  }
}

function bind(server: Server, address: Address, backlog: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => settle(() => reject(error))
    const aborted = () => {
      // The name of the host is being looked up: it binds when that is done, whatever was asked meanwhile.
      server.once('listening', () => server.close())
      settle(() => reject(signal?.reason))
    }
    const settle = (outcome: () => void) => {
      server.off('error', failed)
      signal?.removeEventListener('abort', aborted)
      outcome()
    }
    server.once('error', failed)
    signal?.addEventListener('abort', aborted, { once: true })
    server.listen({ ...listenOn(address), backlog }, () => settle(resolve))
  })
}

/** Whether there is a socket, and nobody listens. Any other file refuses a connection just so, and must not be removed. */
async function isOrphan(path: string): Promise<boolean> {
  const isSocket = await lstat(path).then(
    file => file.isSocket(),
    () => false,
  )
  if (!isSocket) return false
  return new Promise(resolve => {
    const socket = createConnection({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', error => resolve(codeOf(error) === 'ECONNREFUSED'))
  })
}

function failed(error: unknown, address: Address, uri: string): DromedaryError {
  const why = ADVICE[codeOf(error) ?? ''] ?? messageOf(error)
  return new DromedaryError('DROMEDARY_START_FAILED', `${uri} cannot listen on ${writeAddress(address)}: ${why}`, {
    cause: error,
  })
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code
