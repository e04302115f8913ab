import { join } from 'node:path'
import type { Layout } from './layout.ts'
import { type LockFs, orMissing } from './lock-fs.ts'
import { parseRecord } from './owner-record.ts'
import { probe } from './sentinel.ts'

/**
 * For the holder: takes away what dead members left listening to nobody. Nothing that decides is touched: of sockets only refused
 * ones, never the holder's; a preparation taken by mistake only makes its member prepare another.
 */
export async function cleanSockets(fs: LockFs, layout: Layout, own: string): Promise<void> {
  for (const nonce of (await orMissing(fs.readdir(layout.prep))) ?? []) {
    if (!layout.isOurs(nonce) || nonce === own) continue
    const file = join(layout.prepared(nonce), nonce)
    const text = await orMissing(fs.readFile(file))
    const socket = text === undefined ? layout.socket(nonce) : (parseRecord(text)?.socket ?? layout.socket(nonce))
    if (await isListening(socket)) continue
    await orMissing(fs.unlink(file))
    await orMissing(fs.rmdir(layout.prepared(nonce)))
  }
  if (layout.sockets === '') return
  for (const nonce of (await orMissing(fs.readdir(layout.sockets))) ?? []) {
    if (!layout.isOurs(nonce) || nonce === own) continue
    const result = await probe(layout.socket(nonce))
    if (result.seen === 'alive') result.connection.destroy()
    else if (result.seen === 'refused') await orMissing(fs.unlink(layout.socket(nonce)))
  }
}

/** False only where nobody can be listening: refused, or no path. */
async function isListening(socket: string): Promise<boolean> {
  const result = await probe(socket)
  if (result.seen === 'alive') result.connection.destroy()
  return result.seen === 'alive' || (result.seen === 'unknown' && result.code !== 'ENOENT')
}
