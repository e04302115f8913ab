import type { KubernetesCluster, PolicyRule } from '@dromedary/test-servers/kubernetes'
import { eventually } from '@dromedary/testing'
import { parse } from 'yaml'
import { role } from './manifests.ts'

/** One verb on one resource, as in `get leases`. */
export type RightName = `${string} ${string}`

/** Everything that the Role grants, one by one. */
export const RIGHTS: readonly RightName[] = role.rules.flatMap(({ verbs, resources }) =>
  verbs.flatMap(verb => resources.map((resource): RightName => `${verb} ${resource}`)),
)

/** The rules of the Role without one right; none stays empty, for the server refuses that. */
export function rulesWithout(right: RightName): PolicyRule[] {
  const [verb, resource = ''] = right.split(' ')
  return role.rules
    .map(rule =>
      rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter(one => one !== verb) } : rule,
    )
    .filter(({ verbs }) => verbs.length > 0)
}

/** What a member says of a right that it has not. */
export const MAY_NOT = 'this member may not '

/** The rules that a log line of a member tells to add to its Role. */
export function rulesToldBy(line: string): PolicyRule[] {
  const [, yaml] = line.split(' by a rule in its Role: ')
  if (yaml === undefined) throw new Error(`it names no rule: ${line}`)
  return parse(yaml)
}

/** Applies the Role with these rules instead of its own, and waits until the server acts on them. */
export async function applyRules(cluster: KubernetesCluster, namespace: string, rules: readonly PolicyRule[]) {
  await cluster.apply([{ ...role, rules }], namespace)
  const user = `system:serviceaccount:${namespace}:leader-election`
  for (const { apiGroups, resources, verbs, resourceNames } of rules) {
    const [group, resource, name] = [apiGroups[0], resources[0], resourceNames?.[0]]
    for (const verb of verbs) {
      const spec = { user, resourceAttributes: { namespace, verb, group, resource, name } }
      await eventually(async () => {
        const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
        const { status } = await cluster.request<{ status: { allowed: boolean } }>('POST', path, { metadata: {}, spec })
        return status.allowed
      })
    }
  }
}
