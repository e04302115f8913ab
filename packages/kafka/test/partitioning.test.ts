import { expect, it } from 'vitest'
import { murmur2, partitionOf } from '../src/producer/murmur2.ts'

it("hashes keys as Kafka's own clients do", () => {
  // From the tests of Kafka's Utils.murmur2.
  const known: [string, number][] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ]
  for (const [key, hash] of known) expect(murmur2(Buffer.from(key)), key).toBe(hash)
})

it('hashes the UTF-8 of a text', () => {
  for (const key of ['', 'foobar', 'grüß', 'é', '日本語', '😀 and more', '\ud83d', 'ÿ'.repeat(40)]) {
    for (const count of [1, 2, 3, 1_000_003]) {
      expect(partitionOf(key, count), key).toBe((murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % count)
    }
  }
})

it('keeps a key in its partition, also one whose hash is negative', () => {
  expect(partitionOf(Buffer.from('foobar'), 10)).toBe((-790332482 & 0x7fffffff) % 10)
  for (let count = 1; count < 20; count++) {
    for (const key of ['', 'a', 'ab', 'abc', 'abcd']) {
      const partition = partitionOf(Buffer.from(key), count)
      expect(partition).toBeGreaterThanOrEqual(0)
      expect(partition).toBeLessThan(count)
    }
  }
})
