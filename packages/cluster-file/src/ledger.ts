import { join } from 'node:path'
import { nextTerm } from '@dromedary/core/cluster'
import type { Layout } from './layout.ts'
import { codeOf, type LockFs, orMissing } from './lock-fs.ts'
import { formatRecord, type OwnerRecord, parseRecord } from './owner-record.ts'

/** A term and who claimed it. */
export interface TermEntry {
  readonly term: bigint
  readonly owner: OwnerRecord
}

const TERM = /^\d{1,20}$/
/** Terms that stay: the newest and two before it. */
const KEPT_TERMS = 3

/**
 * What outlives a holder: its term, claimed by exclusive create, and the mark that it is over. A mark is a fact that
 * never becomes false: the holder let go, or is dead, or its end has passed unrenewed.
 */
export class Ledger {
  readonly #fs: LockFs
  readonly #layout: Layout
  /** A claim never changes once it can be read. */
  readonly #owners = new Map<bigint, OwnerRecord>()

  constructor(fs: LockFs, layout: Layout) {
    this.#fs = fs
    this.#layout = layout
  }

  /** All claims that can be read, newest first. A torn one is nobody's: its claimant was not valid yet. */
  async entries(): Promise<{ readonly entries: readonly TermEntry[]; readonly highest: bigint }> {
    const terms = await this.#terms()
    const entries: TermEntry[] = []
    for (const term of terms) {
      const owner = await this.#owner(term)
      if (owner) entries.push({ term, owner })
    }
    for (const known of this.#owners.keys()) if (!terms.includes(known)) this.#owners.delete(known)
    return { entries, highest: terms[0] ?? 0n }
  }

  /** What this nonce claimed, if it has. */
  async claimOf(nonce: string): Promise<TermEntry | undefined> {
    const { entries } = await this.entries()
    return entries.find(entry => entry.owner.nonce === nonce)
  }

  /** Claims the next term for the holder of the lock. The claim alone makes nobody valid. */
  async claim(owner: OwnerRecord, recorded: bigint, highestSeen: bigint, wallMs: number): Promise<bigint> {
    let term = nextTerm(recorded, highestSeen, wallMs)
    for (;;) {
      try {
        await this.#fs.createFile(join(this.#layout.terms, String(term)), formatRecord(owner))
        this.#owners.set(term, owner)
        return term
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error
        term++
      }
    }
  }

  /** Which nonces are over. */
  async over(): Promise<ReadonlySet<string>> {
    return new Set((await orMissing(this.#fs.readdir(this.#layout.over))) ?? [])
  }

  /** Why this nonce is over; undefined while it is not known to be. */
  async reasonOf(nonce: string): Promise<string | undefined> {
    const text = await orMissing(this.#fs.readFile(join(this.#layout.over, nonce)))
    return text === undefined ? undefined : text.trim() || 'unknown'
  }

  /** Marks; the first mark stays. A mark that cannot be written costs a successor time, never correctness. */
  async markOver(nonce: string, reason: string): Promise<void> {
    await this.#fs.createFile(join(this.#layout.over, nonce), `${reason}\n`).catch(() => {})
  }

  markOverSync(nonce: string, reason: string): void {
    try {
      this.#fs.createFileSync(join(this.#layout.over, nonce), `${reason}\n`)
    } catch {
      // As above.
    }
  }

  /** For the holder of `term`: removes claims older than two terms, and marks of nonces that no claim left names. */
  async clean(term: bigint): Promise<void> {
    // Before the claims: a mark that is set while they are read may belong to one that is not among them.
    const over = await this.over()
    const terms = await this.#terms()
    const old = terms.filter(one => one < term).slice(KEPT_TERMS - 1)
    for (const one of old) await orMissing(this.#fs.unlink(join(this.#layout.terms, String(one))))
    const kept = new Set<string>()
    for (const one of terms) {
      if (old.includes(one)) continue
      const owner = await this.#owner(one)
      if (owner) kept.add(owner.nonce)
    }
    for (const nonce of over) {
      if (!kept.has(nonce)) await orMissing(this.#fs.unlink(join(this.#layout.over, nonce)))
    }
  }

  async #terms(): Promise<bigint[]> {
    const names = (await orMissing(this.#fs.readdir(this.#layout.terms))) ?? []
    return names
      .filter(name => TERM.test(name))
      .map(BigInt)
      .sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
  }

  async #owner(term: bigint): Promise<OwnerRecord | undefined> {
    const known = this.#owners.get(term)
    if (known) return known
    const text = await orMissing(this.#fs.readFile(join(this.#layout.terms, String(term))))
    const owner = text === undefined ? undefined : parseRecord(text)
    if (owner) this.#owners.set(term, owner)
    return owner
  }
}
