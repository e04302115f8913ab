import { isAbsolute } from 'node:path'

/** What a holder says about itself, in the one file of the lock. */
export interface OwnerRecord {
  readonly nonce: string
  readonly namespace: string
  /** A name for people; two processes may have the same one. */
  readonly id: string
  readonly incarnation: string
  readonly pid: number
  /** {@link hostIdentity} of the kernel that runs the holder. */
  readonly host: string
  /** Absolute path, or the name of a pipe. */
  readonly socket: string
  /** Device and inode of the socket: a copy of the folder has a copy of it, where nobody ever listened. */
  readonly socketFile: string
  readonly updateMs: number
  readonly staleMs: number
  readonly intervalMs: number
}

const TEXTS = ['nonce', 'namespace', 'id', 'incarnation', 'host', 'socket', 'socketFile'] as const
const NUMBERS = ['pid', 'updateMs', 'staleMs', 'intervalMs'] as const

/** Written with two spaces: people look into the folder. */
export function formatRecord(record: OwnerRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`
}

/** Undefined for a record that is torn, or not one. */
export function parseRecord(text: string): OwnerRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Record<string, unknown>
  const whole =
    TEXTS.every(name => typeof fields[name] === 'string') && NUMBERS.every(name => Number.isFinite(fields[name]))
  return whole && isAbsolute(String(fields['socket'])) ? (fields as unknown as OwnerRecord) : undefined
}
