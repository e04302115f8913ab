import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { fileCluster } from '../../packages/cluster-file/src/index.ts'
import { kubernetesCluster } from '../../packages/cluster-kubernetes/src/index.ts'
import { messageOf, systemClock } from '../../packages/core/src/index.ts'
import { assemble } from '../../packages/main/src/assemble.ts'
import { readConfigurationFile } from '../../packages/main/src/configuration/file.ts'
import { observability } from '../../packages/observability/src/index.ts'
import { type CodeBlock, problemAt } from './files.ts'

const CLUSTERS = { file: async () => fileCluster, kubernetes: async () => kubernetesCluster }

/** What is wrong with a block of JSON or YAML. YAML is the configuration of an application, unless it is a `yaml manifest`. */
export async function wrongData(block: CodeBlock): Promise<string[]> {
  try {
    if (block.language === 'json') JSON.parse(block.code)
    if (block.language === 'yaml' && block.note === 'manifest') parsed(block.code)
    else if (block.language === 'yaml') await configured(block.code)
    return []
  } catch (error) {
    return [problemAt(block, messageOf(error))]
  }
}

function parsed(text: string): void {
  const problem = parseDocument(text).errors[0]
  if (problem !== undefined) throw problem
}

/** As an application reads it, with each of the cluster services that it says something of: only the chosen one looks at its keys. */
async function configured(text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dromedary-yaml-'))
  try {
    const file = join(folder, 'application.yaml')
    writeFileSync(file, text)
    const entries = await readConfigurationFile(file)
    const meant = Object.keys(CLUSTERS).filter(name =>
      entries.some(
        ({ key, value }) => key.includes(`cluster.${name}.`) || (key === 'cluster.service' && value === name),
      ),
    )
    for (const service of meant.length > 0 ? meant : ['none']) {
      const argv = ['--config', file, '--set', `cluster.service=${service}`]
      const application = { name: 'documented', module: import.meta.url, components: [], routes: [], argv }
      const hooks = { clock: systemClock, output: { write: () => {} }, logReady: () => {}, overrun: () => {} }
      await assemble(
        { ...application, clusters: CLUSTERS, observability: async () => observability, environment: {} },
        hooks,
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
