import type { Right } from '../../src/api.ts'

/** Every right on every Lease and pod of the namespace. */
export const allRights: readonly Right[] = (['get', 'create', 'update', 'watch'] as const).flatMap(verb => [
  { verb, group: 'coordination.k8s.io', resource: 'leases' },
  { verb, group: '', resource: 'pods' },
])

/** What a member may do, as the rules of its Role say; change it at any time. A watch that is open stays open. */
export class Rights {
  /** A right without `name` covers all objects, one with a name that object alone. Default: {@link allRights}. */
  granted: readonly Right[]

  constructor(granted: readonly Right[] = allRights) {
    this.granted = granted
  }

  grant(...rights: readonly Right[]): void {
    this.granted = [...this.granted, ...rights]
  }

  /** Takes away each right that has all of these fields. */
  revoke(like: Partial<Right>): void {
    const fields = Object.entries(like)
    this.granted = this.granted.filter(right => !fields.every(([key, value]) => right[key as keyof Right] === value))
  }

  /** As RBAC answers: without `name`, only a right on all of them will do. */
  allow(right: Right): boolean {
    return this.granted.some(
      one =>
        one.verb === right.verb &&
        one.group === right.group &&
        one.resource === right.resource &&
        (one.name === undefined || one.name === right.name),
    )
  }
}
