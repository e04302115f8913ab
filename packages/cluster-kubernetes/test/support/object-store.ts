import type { ObjectMeta } from '../../src/objects.ts'

export interface ApiObject {
  readonly metadata: ObjectMeta
}

/** The server's one counter: each change of any object takes the next number. */
export interface Revision {
  value: number
}

/** What changed, as the watch cache sees it: before it, and after it. */
export interface Change<T> {
  readonly before: T | undefined
  /** Undefined: deleted. */
  readonly after: T | undefined
  /** Of this change. */
  readonly resourceVersion: string
}

/** The objects of one kind, as they lie in etcd: frozen, each change with a version of its own. */
export class ObjectStore<T extends ApiObject> {
  readonly #revision: Revision
  readonly #uid: () => string
  readonly #listeners = new Set<(change: Change<T>) => void>()
  #objects = new Map<string, T>()

  constructor(revision: Revision, uid: () => string) {
    this.#revision = revision
    this.#uid = uid
  }

  get(name: string): T | undefined {
    return this.#objects.get(name)
  }

  /** By name. */
  list(): readonly T[] {
    return [...this.#objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  }

  /** Stores a copy under a new version. The uid is that of the object that is there, or a fresh one. */
  put(object: T): T {
    const { name } = object.metadata
    const before = this.#objects.get(name)
    const resourceVersion = this.#next()
    const uid = before?.metadata.uid ?? this.#uid()
    const copy = overTheWire(object)
    const after = deepFreeze({ ...copy, metadata: { ...copy.metadata, uid, resourceVersion } })
    this.#objects.set(name, after)
    this.#tell({ before, after, resourceVersion })
    return after
  }

  /** False where there is none. */
  remove(name: string): boolean {
    const before = this.#objects.get(name)
    if (!before) return false
    this.#objects.delete(name)
    this.#tell({ before, after: undefined, resourceVersion: this.#next() })
    return true
  }

  /** Returns what ends it. */
  onChange(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  save(): ReadonlyMap<string, T> {
    return new Map(this.#objects)
  }

  /** As they were, with their versions; nobody is told. */
  load(objects: ReadonlyMap<string, T>): void {
    this.#objects = new Map(objects)
  }

  #next(): string {
    return String(++this.#revision.value)
  }

  #tell(change: Change<T>): void {
    for (const listener of [...this.#listeners]) listener(change)
  }
}

/** A copy as JSON leaves it. */
export function overTheWire<V>(value: V): V {
  return JSON.parse(JSON.stringify(value))
}

function deepFreeze<V>(value: V): V {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) deepFreeze(inner)
    Object.freeze(value)
  }
  return value
}
