import type { LeaseObject, LeaseSpec, ObjectMeta } from '../../src/objects.ts'
import { answered } from './failures.ts'

const MICRO_TIME = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d\.\d{3}(\d{3})(?:Z|[+-]\d\d:\d\d)$/
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
const QUALIFIED = /^([A-Za-z0-9][A-Za-z0-9_.-]*)?[A-Za-z0-9]$/
const LONGEST_NAME = 253
const LONGEST_LABEL = 63
const ANNOTATIONS_LIMIT = 256 * 1024
const META_FIELDS = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'managedFields',
]
const INTEGERS = ['leaseDurationSeconds', 'leaseTransitions']
const TIMES = ['acquireTime', 'renewTime']
// Others exist, and are dropped where their feature gates are off, as by default.
const SPEC_FIELDS = ['holderIdentity', ...INTEGERS, ...TIMES]

/** The body as the server understands it: without null and without fields it does not know. Throws 400 as its decoder does. */
export function decodeLease(body: LeaseObject): LeaseObject {
  const metadata = only(body.metadata, META_FIELDS)
  const spec = only(body.spec ?? {}, SPEC_FIELDS)
  const { holderIdentity } = spec
  if (holderIdentity !== undefined && typeof holderIdentity !== 'string') throw answered(400, 'a holder is a string')
  for (const field of INTEGERS) {
    if (spec[field] !== undefined && !isInt32(spec[field])) throw answered(400, `spec.${field} is no int32`)
  }
  for (const field of TIMES) {
    const time = spec[field]
    if (time !== undefined) spec[field] = microTime(time)
  }
  const texts = [...Object.values(metadata.labels ?? {}), ...Object.values(metadata.annotations ?? {})]
  if (texts.some(text => typeof text !== 'string')) throw answered(400, 'a label or annotation is no string')
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: spec as LeaseSpec }
}

/** Throws 422 as the server's validation does. */
export function validateLease({ metadata, spec }: LeaseObject): void {
  validateMetadata(metadata)
  const { leaseDurationSeconds, leaseTransitions } = spec ?? {}
  if (typeof leaseDurationSeconds === 'number' && leaseDurationSeconds <= 0) {
    throw answered(422, 'spec.leaseDurationSeconds: must be greater than 0')
  }
  if (typeof leaseTransitions === 'number' && leaseTransitions < 0) {
    throw answered(422, 'spec.leaseTransitions: must be greater than or equal to 0')
  }
}

function validateMetadata({ name, labels = {}, annotations = {} }: ObjectMeta): void {
  if (name.length > LONGEST_NAME || !SUBDOMAIN.test(name)) throw answered(422, `metadata.name: ${name}`)
  for (const [key, value] of Object.entries(labels)) {
    if (!isQualifiedName(key)) throw answered(422, `metadata.labels: key ${key}`)
    if (value !== '' && !isShortName(value)) throw answered(422, `metadata.labels: value ${value}`)
  }
  let size = 0
  for (const [key, value] of Object.entries(annotations)) {
    if (!isQualifiedName(key.toLowerCase())) throw answered(422, `metadata.annotations: key ${key}`)
    size += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (size > ANNOTATIONS_LIMIT) throw answered(422, `metadata.annotations: ${size} bytes`)
}

/** `name` or `prefix/name`. */
function isQualifiedName(key: string): boolean {
  const [first = '', second, ...more] = key.split('/')
  if (second === undefined) return isShortName(first)
  return more.length === 0 && first.length <= LONGEST_NAME && SUBDOMAIN.test(first) && isShortName(second)
}

function isShortName(name: string): boolean {
  return name.length <= LONGEST_LABEL && QUALIFIED.test(name)
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 31
}

/** As it is stored: in UTC. */
function microTime(time: unknown): string {
  const [, day, micros] = (typeof time === 'string' && MICRO_TIME.exec(time)) || []
  const ms = Date.parse(String(time))
  // A date like the 30th of February is none, though it can be parsed.
  if (day === undefined || Number.isNaN(ms) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) {
    throw answered(400, `no MicroTime: ${time}`)
  }
  return new Date(ms).toISOString().replace('Z', `${micros}Z`)
}

function only<T extends object>(from: T, fields: readonly string[]): T & Record<string, unknown> {
  const known = Object.entries(from).filter(([key, value]) => fields.includes(key) && value !== null)
  return Object.fromEntries(known) as T & Record<string, unknown>
}
