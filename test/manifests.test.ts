import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { kubernetesClusterOptions } from '../packages/cluster-kubernetes/src/index.ts'
import { STOP_MARGIN_MS } from '../packages/main/src/application.ts'
import { keysOf } from '../packages/main/src/configuration/section.ts'
import {
  clusterSection,
  nodeSection,
  observeSection,
  shutdownSection,
} from '../packages/main/src/configuration/sections.ts'
import { observeOptions } from '../packages/observability/src/index.ts'
import { ROOT } from '../scripts/run.ts'

// What the manifests of the example say of the packages, and the packages do not know.
const manifest = parse(readFileSync(join(ROOT, 'examples/leader-election/kubernetes/deployment.yaml'), 'utf8'))
const pod = manifest.spec.template.spec
const [container] = pod.containers

it('a pod has more time to end than its process takes to stop', () => {
  const { timeout } = shutdownSection.schema.parse({})
  expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(timeout + STOP_MARGIN_MS)
})

it('a pod is asked, and its metrics are looked for, where its process listens', () => {
  const { port } = observeOptions.parse({})
  expect(container.ports).toEqual([{ name: 'observe', containerPort: port }])
  expect(manifest.spec.template.metadata.annotations['prometheus.io/port']).toBe(String(port))
})

it('every variable of a pod is one that the process reads', () => {
  const sections = [
    nodeSection,
    clusterSection(['kubernetes']),
    { prefix: 'cluster.kubernetes', schema: kubernetesClusterOptions },
    observeSection,
    { prefix: observeSection.prefix, schema: observeOptions },
  ]
  const known = sections.flatMap(section => keysOf(section).map(({ variable }) => variable))
  const given: string[] = container.env.map(({ name }: { name: string }) => name)
  expect(given.filter(name => !known.includes(name))).toEqual([])
  expect(given).toContain('OBSERVE_ENABLED')
})
