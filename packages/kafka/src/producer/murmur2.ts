const M = 0x5bd1e995
const SEED = 0x9747b28c

/** The hash by which Kafka's own clients choose the partition of a key; 32 bits, signed. */
export function murmur2(key: Uint8Array): number {
  const { length } = key
  let hash = SEED ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    const word =
      (key[at] as number) |
      ((key[at + 1] as number) << 8) |
      ((key[at + 2] as number) << 16) |
      ((key[at + 3] as number) << 24)
    let k = Math.imul(word, M)
    k ^= k >>> 24
    hash = Math.imul(hash, M) ^ Math.imul(k, M)
  }
  const left = length - at
  if (left >= 3) hash ^= (key[at + 2] as number) << 16
  if (left >= 2) hash ^= (key[at + 1] as number) << 8
  if (left >= 1) hash = Math.imul(hash ^ (key[at] as number), M)
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}

/** The partition that a key has had since Kafka began, in all languages. */
export function partitionOf(key: Uint8Array | string, partitions: number): number {
  // Of one there is no choice.
  if (partitions === 1) return 0
  return (murmur2(typeof key === 'string' ? Buffer.from(key) : key) & 0x7fffffff) % partitions
}
