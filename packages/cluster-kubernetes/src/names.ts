import { createHash } from 'node:crypto'

/** Of an object's name and of a DNS subdomain. */
const LONGEST_NAME = 253
const HASH_LENGTH = 10
/** The resource name is the value of a label as well. */
const LONGEST_LABEL = 63
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
/** A name that looks as if it had been changed gets a hash too, so that it cannot be the result of changing another. */
const LOOKS_HASHED = new RegExp(`(^|-)[0-9a-f]{${HASH_LENGTH}}$`)

/**
 * The name of the Lease of a cluster namespace: `<resource>-<namespace>`, and where the namespace had to be changed to fit
 * a DNS name, a hash of what it was.
 */
export function leaseName(resource: string, namespace: string): string {
  const plain = `${resource}-${namespace}`
  if (DNS_NAME.test(namespace) && !LOOKS_HASHED.test(namespace) && plain.length <= LONGEST_NAME) return plain
  const hash = createHash('sha256').update(namespace).digest('hex').slice(0, HASH_LENGTH)
  const room = LONGEST_NAME - resource.length - HASH_LENGTH - 2
  const fitted = namespace
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .slice(0, room)
    .replaceAll(/^-+|-+$/g, '')
  return fitted === '' ? `${resource}-${hash}` : `${resource}-${fitted}-${hash}`
}

/** Whether a name can be the beginning of Lease names. */
export function isResourceName(name: string): boolean {
  return DNS_NAME.test(name) && name.length <= LONGEST_LABEL
}
