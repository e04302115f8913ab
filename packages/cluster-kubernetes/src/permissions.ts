import { type Clock, type Logger, messageOf, sleep } from '@dromedary/core'
import { ApiFailure, type KubernetesApi, type Right } from './api.ts'

const LEASES = { group: 'coordination.k8s.io', resource: 'leases' } as const
const PODS = { group: '', resource: 'pods' } as const

/** What a member cannot do without the right. */
const WITHOUT: Readonly<Record<string, string>> = {
  'get leases': 'this member cannot compete',
  'create leases': 'this member cannot lead until somebody has made the Lease',
  'update leases': 'this member cannot keep a leadership',
  'watch leases': 'a release is seen at the next retry period only, not at once',
  'get pods':
    'the end of its own container cannot be recognised by others: after a crash they wait until the lease expires',
  'watch pods': 'after a crash of the leader this member waits until the lease expires',
}

/** The rights that an election needs on a Lease, and the takeover before expiry on pods. */
function needed(lease: string, early: boolean): Right[] {
  const leases: Right[] = [
    { verb: 'get', ...LEASES, name: lease },
    { verb: 'create', ...LEASES },
    { verb: 'update', ...LEASES, name: lease },
    { verb: 'watch', ...LEASES, name: lease },
  ]
  return early ? [...leases, { verb: 'get', ...PODS }, { verb: 'watch', ...PODS }] : leases
}

/** The rule of a Role that grants a right, as YAML in one line. */
function grant({ verb, group, resource, name }: Right): string {
  const names = name === undefined ? '' : `, resourceNames: ['${name}']`
  return `- {apiGroups: ['${group}'], resources: [${resource}], verbs: [${verb}]${names}}`
}

/** How long until the second try to ask; then it doubles. */
const RETRY_MS = 5_000
const LONGEST_RETRY_MS = 10_000

/** A server that refuses to answer; not one that is busy, or that does not know us yet. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiFailure && (error.status === 403 || error.status === 404)
}

/** Asks the server at start which rights are missing, and says so in one sentence each. Leadership never depends on it. */
export class Permissions {
  readonly #api: KubernetesApi
  readonly #clock: Clock
  readonly #log: Logger
  readonly #early: boolean
  readonly #checked = new Set<string>()
  #queue = Promise.resolve()
  readonly #known = new Map<string, Promise<boolean>>()
  readonly #closing = new AbortController()

  constructor(options: { api: KubernetesApi; clock: Clock; log: Logger; earlyTakeover: boolean }) {
    this.#api = options.api
    this.#clock = options.clock
    this.#log = options.log
    this.#early = options.earlyTakeover
  }

  /** Whether all Leases of the namespace may be watched. Rejects when the server cannot be asked. */
  mayWatchAll(): Promise<boolean> {
    return this.#may({ verb: 'watch', ...LEASES })
  }

  /** Asks, one right after the other, until the server has answered or this is closed. Once for each Lease. */
  check(lease: string): void {
    if (this.#checked.has(lease)) return
    this.#checked.add(lease)
    this.#queue = this.#queue.then(async () => {
      for (const right of needed(lease, this.#early)) await this.#checkOne(right)
    })
  }

  close(): void {
    this.#closing.abort()
  }

  async #checkOne(right: Right): Promise<void> {
    const { signal } = this.#closing
    for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(LONGEST_RETRY_MS, 2 * wait)) {
      try {
        if (!(await this.#may(right))) this.#say(right)
        return
      } catch (error) {
        this.#log.debug(`the rights of this member are not known: ${messageOf(error)}`)
        if (signal.aborted) return
        // It will not answer this question later: what is missing shows in health.
        if (isFinal(error)) return
      }
      await sleep(this.#clock, wait, signal)
    }
  }

  #say(right: Right): void {
    const { verb, resource, name } = right
    const what = name === undefined ? resource : `${resource} ${name}`
    this.#log.warn(
      `this member may not ${verb} ${what} in the namespace ${this.#api.namespace}: ${WITHOUT[`${verb} ${resource}`]}. Grant it by a rule in its Role: ${grant(right)}`,
    )
  }

  #may(right: Right): Promise<boolean> {
    const key = `${right.verb} ${right.group} ${right.resource} ${right.name ?? ''}`
    let answer = this.#known.get(key)
    if (!answer) {
      answer = this.#api.may(right)
      this.#known.set(key, answer)
      answer.catch(() => this.#known.delete(key))
    }
    return answer
  }
}
