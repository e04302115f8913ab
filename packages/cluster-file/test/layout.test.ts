import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Layout, namespaceFileName } from '../src/layout.ts'

describe('file names of namespaces', () => {
  it.each([
    ['camel-master', 'camel-master'],
    ['orders.eu_1', 'orders.eu_1'],
    ['Orders', '%4frders'],
    ['../../etc', '%2e.%2f..%2fetc'],
    ['.', '%2e'],
    ['a b/ä', 'a%20b%2f%c3%a4'],
    ['con', '%63on'],
    ['', '%'],
  ])('%j is %s', (namespace, name) => {
    expect(namespaceFileName(namespace)).toBe(name)
  })

  it('never collide, also where case does not count, and lead nowhere', () => {
    const names = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[aA.%/~-]{1,130}$/))
    fc.assert(
      fc.property(names, names, (a, b) => {
        const [one, two] = [namespaceFileName(a), namespaceFileName(b)]
        expect(one.toLowerCase() === two.toLowerCase()).toBe(Buffer.from(a).equals(Buffer.from(b)))
        expect(dirname(join('/root', `${one}.lock`))).toBe('/root')
        expect(one.length).toBeLessThanOrEqual(100)
      }),
    )
  })
})

describe('sockets', () => {
  it('lie in the root, or under a short folder where the root is too long', () => {
    expect(new Layout('/srv/app/cluster', 'ns').sockets).toBe('/srv/app/cluster/sockets')
    const long = new Layout(`/srv/${'deep/'.repeat(30)}cluster`, 'ns')
    expect(dirname(long.sockets)).toBe(tmpdir())
    expect(Buffer.byteLength(long.socket(long.newNonce()))).toBeLessThanOrEqual(103)
  })

  it('two long roots have two folders', () => {
    const root = `/srv/${'deep/'.repeat(30)}`
    expect(new Layout(`${root}a`, 'ns').sockets).not.toBe(new Layout(`${root}b`, 'ns').sockets)
  })

  it('nonces are fresh, and know their namespace', () => {
    const [one, two] = [new Layout('/r', 'one'), new Layout('/r', 'two')]
    const nonces = new Set(Array.from({ length: 1000 }, () => one.newNonce()))
    expect(nonces.size).toBe(1000)
    expect([...nonces].every(nonce => one.isOurs(nonce) && !two.isOurs(nonce))).toBe(true)
  })
})
