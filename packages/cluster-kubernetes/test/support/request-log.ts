/** As RBAC has them; `review` is the creation of a SelfSubjectAccessReview. */
export type CountedVerb = 'get' | 'create' | 'update' | 'watch' | 'review'

export type CountedResource = 'leases' | 'pods' | 'selfsubjectaccessreviews' | 'selfsubjectreviews'

/** Requests of one kind by one member. */
export interface RequestCount {
  readonly member: string
  readonly verb: CountedVerb
  readonly resource: CountedResource
  /** Of the object; undefined where the request was about all of them. */
  readonly name: string | undefined
  readonly count: number
}

/** Which ones to count: those that have all the fields. */
export type RequestFilter = Partial<Omit<RequestCount, 'count'>>

/**
 * What an audit log would have: each request that reached the server, whatever it answered; a watch once, when it was
 * asked for.
 */
export class RequestLog {
  #counts = new Map<string, { -readonly [K in keyof RequestCount]: RequestCount[K] }>()

  add(member: string, verb: CountedVerb, resource: CountedResource, name: string | undefined): void {
    const key = `${member} ${verb} ${resource} ${name ?? ''}`
    const known = this.#counts.get(key)
    if (known) known.count++
    else this.#counts.set(key, { member, verb, resource, name, count: 1 })
  }

  /** Since the start or the last {@link reset}. */
  get entries(): readonly RequestCount[] {
    return [...this.#counts.values()]
  }

  count(filter: RequestFilter = {}): number {
    return this.#matching(filter).reduce((sum, one) => sum + one.count, 0)
  }

  /** By verb and resource: `{ 'update leases': 30 }`. */
  kinds(filter: RequestFilter = {}): Record<string, number> {
    const kinds: Record<string, number> = {}
    for (const one of this.#matching(filter)) {
      const kind = `${one.verb} ${one.resource}`
      kinds[kind] = (kinds[kind] ?? 0) + one.count
    }
    return kinds
  }

  reset(): void {
    this.#counts = new Map()
  }

  #matching(filter: RequestFilter): readonly RequestCount[] {
    const fields = Object.entries(filter)
    return this.entries.filter(one => fields.every(([key, value]) => one[key as keyof RequestCount] === value))
  }
}
