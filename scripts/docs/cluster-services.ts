import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeOptions } from '../../packages/core/src/component/describe-options.ts'
import { keysOf, type Section } from '../../packages/main/src/configuration/section.ts'
import { ROOT } from '../run.ts'
import { publishedPackages } from '../workspace.ts'
import { GENERATED, table } from './markdown.ts'

/** What a package exports that `cluster.service` can choose. */
interface Backend {
  readonly schema: Section['schema']
}

/** A page for each cluster service that a published package offers: the keys of the configuration. */
export async function clusterServicePages(): Promise<[string, string][]> {
  const pages: [string, string][] = []
  for (const { folder, manifest } of publishedPackages()) {
    const index = join(ROOT, folder, 'src/index.ts')
    const name = /^packages\/cluster-(.+)$/.exec(folder)?.[1]
    if (name === undefined || !existsSync(index)) continue
    const exported: Record<string, unknown> = await import(pathToFileURL(index).href)
    for (const [exportName, value] of Object.entries(exported)) {
      if (!isBackend(value)) continue
      pages.push([`docs/reference/cluster-services/${name}.md`, page(name, value, manifest.name, exportName)])
    }
  }
  return pages.sort(([a], [b]) => (a < b ? -1 : 1))
}

function isBackend(value: unknown): value is Backend {
  const like = value as { schema?: unknown; describe?: unknown } | null | undefined
  return typeof like?.describe === 'function' && typeof like.schema === 'object'
}

function page(name: string, { schema }: Backend, packageName: string, exportName: string): string {
  const keys = keysOf({ prefix: `cluster.${name}`, schema })
  const rows = describeOptions(schema).map((option, at) => [
    `\`${keys[at]?.key}\``,
    option.type.includes('/') ? option.type.split('/').join(', ') : option.type,
    option.required ? 'required' : option.default === undefined ? '' : `\`${option.default}\``,
    option.description,
  ])
  return `${GENERATED}
# cluster.service=${name}

\`import { ${exportName} } from '${packageName}'\`. The keys below are for configuration files; in code the same options are
written as \`${exportName}({ ${Object.keys(schema.shape)[0]}: … })\`, and each key is overridden by an environment variable, such as
\`${keys[0]?.variable}\`.

${table(['Key', 'Type', 'Default', 'What it does'], rows)}`
}
