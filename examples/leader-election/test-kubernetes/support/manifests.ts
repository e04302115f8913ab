import { readFileSync } from 'node:fs'
import type { KubernetesObject, PolicyRule } from '@dromedary/test-servers/kubernetes'
import { parseAllDocuments } from 'yaml'
import { manifestFiles } from '../../scripts/deploy/manifests.ts'

const read = (name: string) => readFileSync(new URL(`../../kubernetes/${name}`, import.meta.url), 'utf8')

/** The manifests as they are applied one after the other. */
export const MANIFESTS = manifestFiles().map(name => ({
  name,
  objects: parseAllDocuments(read(name)).map(document => document.toJS() as KubernetesObject),
}))

/** The one manifest of this kind. */
export function the<T extends KubernetesObject = KubernetesObject>(kind: string): T {
  const found = MANIFESTS.flatMap(({ objects }) => objects).filter(object => object.kind === kind)
  if (found.length !== 1) throw new Error(`there are ${found.length} manifests of kind ${kind}`)
  return found[0] as T
}

/** How a container of the Deployment is told something. */
export interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}

/** How kubelet asks a container. */
export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly failureThreshold: number
}

type Quantities = Readonly<Record<string, string>>

export interface Container {
  readonly name: string
  readonly image: string
  readonly env: readonly Variable[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe: Probe
  readonly readinessProbe: Probe
  readonly livenessProbe: Probe
  readonly resources: { readonly requests: Quantities; readonly limits: Quantities }
  readonly securityContext: unknown
}

export interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas: number
    readonly selector: unknown
    readonly strategy: { readonly rollingUpdate: unknown }
    readonly template: {
      readonly metadata: {
        readonly labels: Readonly<Record<string, string>>
        readonly annotations: Readonly<Record<string, string>>
      }
      readonly spec: {
        readonly serviceAccountName: string
        readonly automountServiceAccountToken: boolean
        readonly terminationGracePeriodSeconds: number
        readonly topologySpreadConstraints: readonly { readonly labelSelector: unknown }[]
        readonly securityContext: unknown
        readonly containers: readonly Container[]
      }
    }
  }
}

export interface Role extends KubernetesObject {
  readonly rules: readonly PolicyRule[]
}

export const deployment = the<Deployment>('Deployment')
export const role = the<Role>('Role')
export const serviceAccount = the('ServiceAccount')
export const roleBinding = the('RoleBinding')
