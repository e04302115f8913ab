import { connect, createServer, type Socket } from 'node:net'
import { isAbsolute } from 'node:path'
import { messageOf } from '@dromedary/core'
import { type Host, thisHost } from './host.ts'
import { codeOf, type LockFs } from './lock-fs.ts'
import type { OwnerRecord } from './owner-record.ts'

/** A socket that listens as long as this process lives: the kernel closes it within milliseconds of its death. */
export interface Sentinel {
  /** Idempotent. Followers see their connections close. */
  close(): void
}

/**
 * Listens on a name that was never used before. `failed` is called when the server ends without {@link Sentinel.close}:
 * its holder must step down at once, for a refused connection now looks like its death. Rejects where it cannot listen.
 */
export function openSentinel(path: string, failed: (error: unknown) => void): Promise<Sentinel> {
  return new Promise((resolve, reject) => {
    const connections = new Set<Socket>()
    let closed = false
    const server = createServer(connection => {
      connections.add(connection)
      connection.on('error', () => {})
      connection.on('close', () => connections.delete(connection))
      connection.resume()
      connection.unref()
    })
    const end = (error: unknown) => {
      if (closed) return
      closed = true
      failed(error)
    }
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      server.on('error', end)
      server.on('close', () => end(new Error('the socket closed')))
      resolve({
        close() {
          if (closed) return
          closed = true
          server.close()
          for (const connection of connections) connection.destroy()
        },
      })
    })
    server.unref()
  })
}

/** What tells a socket from a copy of it; empty on Windows, where pipes are no files. */
export async function socketFile(fs: LockFs, path: string): Promise<string> {
  if (process.platform === 'win32') return ''
  const { dev, ino } = await fs.stat(path)
  return `${dev}:${ino}`
}

/**
 * Connects to a holder; refused counts only at the very socket on which it listened, and where a full queue refuses as
 * well only if there is no such process.
 */
export async function probeHolder(fs: LockFs, holder: OwnerRecord, host: Host = thisHost): Promise<Probe> {
  const result = await probe(holder.socket)
  if (result.seen !== 'refused') return result
  const file = await socketFile(fs, holder.socket).catch(() => undefined)
  if (file !== holder.socketFile) return { seen: 'unknown', code: 'COPY' }
  return host.queueRefuses && !host.isGone(holder.pid) ? { seen: 'unknown', code: 'BUSY' } : result
}

/** What a connection to a holder's socket shows. */
export type Probe =
  | { readonly seen: 'alive'; readonly connection: Socket }
  /** The path exists and nobody listens: the only proof of death. */
  | { readonly seen: 'refused' }
  /** No path, no right, too many waiting: proves nothing. */
  | { readonly seen: 'unknown'; readonly code: string }

/** Connects once; never rejects. The connection does not keep the process alive, and is the caller's to close. */
export function probe(path: string): Promise<Probe> {
  // Linux refuses an empty name as well.
  if (!isAbsolute(path)) return Promise.resolve({ seen: 'unknown', code: 'EINVAL' })
  return new Promise<Probe>(resolve => {
    // As a path in any case: a bare number would be a port.
    const connection = connect({ path })
    connection.unref()
    connection.once('connect', () => {
      connection.removeAllListeners('error')
      connection.on('error', () => {})
      connection.resume()
      resolve({ seen: 'alive', connection })
    })
    connection.once('error', error => {
      const code = codeOf(error) ?? error.message
      resolve(code === 'ECONNREFUSED' ? { seen: 'refused' } : { seen: 'unknown', code })
    })
  }).catch(error => ({ seen: 'unknown', code: codeOf(error) ?? messageOf(error) }))
}
