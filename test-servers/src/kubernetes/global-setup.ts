import type { TestProject } from 'vitest/node'
import type { ClusterInfo } from './connection.ts'
import { openKubernetes } from './open.ts'
import { findSource } from './source.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    kubernetes: ClusterInfo
  }
}

/** Never reached: without a cluster all tests are skipped. */
const NOWHERE: ClusterInfo = { connection: { url: 'https://127.0.0.1:1' }, run: 'none' }

/** For vitest's `globalSetup`: one cluster for all test files, see `vitest.ts`. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const source = findSource()
  if (source.kind === 'none') {
    if (process.env['CI'] === 'true') throw new Error(source.why)
    process.stderr.write(`ALL KUBERNETES TESTS ARE SKIPPED: ${source.why}\n`)
    project.provide('kubernetes', NOWHERE)
    return undefined
  }
  const open = await openKubernetes(source)
  if (source.kind === 'kubeconfig')
    process.stderr.write(`tests use ${open.cluster.url}, of KUBECONFIG=${source.file}\n`)
  project.provide('kubernetes', open.cluster.info)
  return async () => {
    await open[Symbol.asyncDispose]()
  }
}
