import type { Sender, SenderCache } from '../eip/eip.ts'
import type { Senders } from './senders.ts'

const DEFAULT_SIZE = 1000

interface Kept {
  readonly sender: Promise<Sender>
  /** Undefined until started; then a hit needs no promise. */
  ready: Sender | undefined
  users: number
  evicted: boolean
}

/**
 * The senders of one `toD` step, least recently used first out. One that is put out closes when its last
 * exchange has come back.
 */
export function senderCache(senders: Senders, cacheSize: number): SenderCache & { clear(): Promise<void> } {
  let limit = cacheSize === 0 ? DEFAULT_SIZE : Math.max(0, cacheSize)
  const kept = new Map<string, Kept>()

  const letGo = async (entry: Kept) => {
    // One that could not be made has nothing to let go of; who asked for it was told.
    if (entry.evicted && entry.users === 0) await entry.sender.then(sender => senders.letGo(sender)).catch(() => {})
  }
  const evict = (uri: string, entry: Kept) => {
    kept.delete(uri)
    entry.evicted = true
    return letGo(entry)
  }
  const make = (uri: string): Kept => {
    const entry: Kept = { sender: senders.readyDynamic(uri), ready: undefined, users: 0, evicted: false }
    entry.sender.then(
      sender => {
        entry.ready = sender
      },
      () => {
        if (kept.get(uri) === entry) kept.delete(uri)
      },
    )
    return entry
  }

  return {
    /** The step is not there any more. */
    async clear() {
      limit = 0
      await Promise.all([...kept].map(([uri, entry]) => evict(uri, entry)))
    },
    borrow(uri) {
      const entry = kept.get(uri) ?? make(uri)
      kept.delete(uri)
      kept.set(uri, entry)
      entry.users++
      for (const [oldest, other] of kept) {
        if (kept.size <= limit) break
        void evict(oldest, other)
      }
      const giveBack = () => {
        entry.users--
        void letGo(entry)
      }
      return { sender: entry.ready ?? entry.sender, giveBack }
    },
  }
}
