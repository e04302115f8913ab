import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isResourceName, leaseName } from '../src/names.ts'

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** Names as people choose them, and anything else. */
const namespaces = fc.oneof(
  fc.string({ minLength: 1, maxLength: 400 }),
  fc.string({ minLength: 180, maxLength: 300, size: 'max', unit: fc.constantFrom('a', 'b', '-', 'Z') }),
  fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' }),
  fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'B', '-', '.', '_', '/', ' ', '0') }),
  fc.stringMatching(/^[a-z]{0,3}-[0-9a-f]{10}$/),
)
/** Changes that end in the same letters. */
const alikes: readonly ((name: string) => string)[] = [
  name => name.toUpperCase(),
  name => name.toLowerCase(),
  name => name.replaceAll('-', '_'),
  name => `-${name}-`,
  name => `${name}${'a'.repeat(250)}`,
  name => ` ${name}`,
]
const resources = fc.stringMatching(/^[a-z]([-a-z0-9]{0,40}[a-z0-9])?$/).filter(isResourceName)

describe('the name of the Lease of a namespace', () => {
  it('is one that the server takes, whatever the namespace', () => {
    fc.assert(
      fc.property(resources, namespaces, (resource, namespace) => {
        const name = leaseName(resource, namespace)
        expect(name).toMatch(SUBDOMAIN)
        expect(name.length).toBeLessThanOrEqual(253)
        expect(name.startsWith(`${resource}-`)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is another one for another namespace, also for those that look like a changed one', () => {
    fc.assert(
      fc.property(resources, namespaces, namespaces, (resource, one, other) => {
        fc.pre(one !== other)
        expect(leaseName(resource, one)).not.toBe(leaseName(resource, other))
        // Whoever takes the changed name for his namespace gets another Lease still.
        const changed = leaseName(resource, one).slice(resource.length + 1)
        if (changed !== one) expect(leaseName(resource, changed)).not.toBe(leaseName(resource, one))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is another one for one that is hardly another', () => {
    fc.assert(
      fc.property(resources, namespaces, fc.constantFrom(...alikes), (resource, one, alike) => {
        fc.pre(one !== alike(one))
        expect(leaseName(resource, one)).not.toBe(leaseName(resource, alike(one)))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is the namespace itself where that fits', () => {
    expect(leaseName('dromedary', 'orders')).toBe('dromedary-orders')
    expect(leaseName('dromedary', 'eu-west-1')).toBe('dromedary-eu-west-1')
    expect(leaseName('d', 'a'.repeat(251))).toBe(`d-${'a'.repeat(251)}`)
  })

  it.each([
    ['Orders', /^dromedary-orders-[0-9a-f]{10}$/],
    ['eu/west 1', /^dromedary-eu-west-1-[0-9a-f]{10}$/],
    ['-', /^dromedary-[0-9a-f]{10}$/],
    ['注文', /^dromedary-[0-9a-f]{10}$/],
    ['a-0123456789', /^dromedary-a-0123456789-[0-9a-f]{10}$/],
    ['0123456789', /^dromedary-0123456789-[0-9a-f]{10}$/],
    ['a'.repeat(260), /^dromedary-a+-[0-9a-f]{10}$/],
  ])('has a hash of %s where that does not', (namespace, name) => {
    expect(leaseName('dromedary', namespace)).toMatch(name)
    expect(leaseName('dromedary', namespace).length).toBeLessThanOrEqual(253)
  })
})

describe('a resource name', () => {
  it.each(['dromedary', 'a', 'orders-eu-1', '0', 'a'.repeat(63)])('may be %s', name => {
    expect(isResourceName(name)).toBe(true)
    expect(leaseName(name, '注文'.repeat(200)).length).toBeLessThanOrEqual(253)
  })

  it.each(['', 'A', 'a_b', 'a.b', '-a', 'a-', 'ä', 'a b', 'a'.repeat(64)])('may not be %j', name => {
    expect(isResourceName(name)).toBe(false)
  })
})
