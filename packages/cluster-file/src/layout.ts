import { createHash, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** sun_path holds 108 bytes on Linux and 104 on macOS, one of them the ending zero. */
const LONGEST_SOCKET_PATH = 103
const LONGEST_NAME = 100
/** Names that Windows takes for devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/

/**
 * A file name for a namespace: no two have the same, also where case does not count, and none leads out of the folder.
 * Lower case letters, digits, `-`, `_` and inner dots stay; everything else is `%` and the byte; long ones end in a hash.
 */
export function namespaceFileName(namespace: string): string {
  let name = ''
  for (const byte of Buffer.from(namespace)) {
    const char = String.fromCharCode(byte)
    const plain = /[a-z0-9_-]/.test(char) || (char === '.' && name !== '')
    name += plain ? char : `%${byte.toString(16).padStart(2, '0')}`
  }
  if (name === '') return '%'
  if (DEVICE.test(name)) name = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, 60)}~${hash(namespace, 32)}`
}

/** Where everything of one namespace lies. */
export class Layout {
  readonly root: string
  /** `<namespace>.lock`: holds the owner record of the holder, named by its nonce. */
  readonly lockName: string
  readonly lock: string
  /** One file per term, named by it. */
  readonly terms: string
  /** One file per holder that can never be valid again, named by its nonce; its text says why. */
  readonly over: string
  /** Owner records of members that have not acquired yet, each in a folder of its own. */
  readonly prep: string
  readonly sockets: string
  readonly #prefix: string
  readonly #socket: (name: string) => string

  constructor(root: string, namespace: string) {
    const name = namespaceFileName(namespace)
    this.root = root
    this.lockName = `${name}.lock`
    this.lock = join(root, this.lockName)
    this.terms = join(root, `${name}.terms`)
    this.over = join(root, `${name}.over`)
    this.prep = join(root, 'prep')
    this.#prefix = hash(namespace, 8)
    const sample = 'x'.repeat(32)
    if (process.platform === 'win32') {
      this.sockets = ''
      this.#socket = nonce => `\\\\.\\pipe\\dromedary-${nonce}`
    } else {
      const near = join(root, 'sockets')
      const fits = Buffer.byteLength(join(near, sample)) <= LONGEST_SOCKET_PATH
      this.sockets = fits ? near : join(resolve(tmpdir()), `dromedary-${process.getuid?.() ?? 0}-${hash(root, 12)}`)
      this.#socket = nonce => join(this.sockets, nonce)
    }
  }

  /** A name that was never used and never will be again; begins with a mark of its namespace. */
  newNonce(): string {
    return this.#prefix + randomBytes(12).toString('hex')
  }

  /** Whether a nonce was made for this namespace. */
  isOurs(nonce: string): boolean {
    return nonce.startsWith(this.#prefix)
  }

  record(nonce: string): string {
    return join(this.lock, nonce)
  }

  prepared(nonce: string): string {
    return join(this.prep, nonce)
  }

  socket(nonce: string): string {
    return this.#socket(nonce)
  }

  /** Folders that must be there before anybody competes. */
  get folders(): readonly string[] {
    return [this.root, this.terms, this.over, this.prep, ...(this.sockets === '' ? [] : [this.sockets])]
  }
}

function hash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}
