import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { manifestFiles } from '../scripts/deploy/manifests.ts'
import { deployment, MANIFESTS, role, roleBinding, serviceAccount, the } from '../test-kubernetes/support/manifests.ts'

const folder = new URL('../kubernetes/', import.meta.url)
const objects = MANIFESTS.flatMap(one => one.objects)
const NAME = 'leader-election'
const LABELS = { 'app.kubernetes.io/name': NAME }
const { spec } = deployment.spec.template

it('are all in the kustomization, each a valid YAML without warnings', () => {
  const files = readdirSync(folder).filter(file => file !== 'kustomization.yaml')
  expect(manifestFiles().toSorted()).toEqual(files.toSorted())
  for (const file of [...files, 'kustomization.yaml']) {
    const documents = parseAllDocuments(readFileSync(new URL(file, folder), 'utf8'))
    expect(documents.length).toBeGreaterThan(0)
    for (const { errors, warnings } of documents) expect([...errors, ...warnings], file).toEqual([])
  }
})

it('have one name, one label and no namespace', () => {
  for (const { kind, metadata } of objects) expect(metadata, kind).toEqual({ name: NAME, labels: LABELS })
})

it('select the pods of the Deployment', () => {
  const selector = { matchLabels: LABELS }
  expect(deployment.spec.template.metadata.labels).toEqual(LABELS)
  expect(deployment.spec.selector).toEqual(selector)
  expect(the('PodDisruptionBudget')['spec']).toMatchObject({ selector })
  expect(spec.topologySpreadConstraints.map(one => one.labelSelector)).toEqual([selector, selector])
})

it('bind the Role to the account of the pods, and give the token to the pods alone', () => {
  expect(roleBinding['roleRef']).toMatchObject({ kind: 'Role', name: role.metadata.name })
  expect(roleBinding['subjects']).toEqual([{ kind: 'ServiceAccount', name: serviceAccount.metadata.name }])
  expect(spec.serviceAccountName).toBe(serviceAccount.metadata.name)
  expect(serviceAccount['automountServiceAccountToken']).toBe(false)
  expect(spec.automountServiceAccountToken).toBe(true)
})

it('let a node be drained with any number of members, one at a time', () => {
  expect(the('PodDisruptionBudget')['spec']).toMatchObject({ maxUnavailable: 1 })
  expect(deployment.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 })
})

describe('the container', () => {
  const [container, ...others] = spec.containers
  if (container === undefined || others.length > 0) throw new Error('one container is expected')

  it('is told its own name', () => {
    expect(container.env.find(one => one.name === 'CLUSTER_KUBERNETES_CONTAINER_NAME')?.value).toBe(container.name)
  })

  it('may do nothing that it need not', () => {
    expect(spec.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  it('is asked at a port that it declares, and has time to start', () => {
    const ports = container.ports.map(({ name }) => name)
    for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
      expect(ports).toContain(probe.httpGet.port)
    }
    // A slow start is no reason for a restart before liveness is asked at all.
    const { periodSeconds, failureThreshold } = container.startupProbe
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(60)
  })
})
