import { type Backend, exportedBackends } from './exported.ts'
import { GENERATED } from './markdown.ts'
import { keyTable, variableOf } from './sections.ts'

/** A page for each cluster service that a published package offers: the keys of the configuration. */
export async function clusterServicePages(): Promise<[string, string][]> {
  const pages: [string, string][] = []
  for (const { value, exportName, packageName, folder } of await exportedBackends()) {
    const name = /^packages\/cluster-(.+)$/.exec(folder)?.[1]
    if (name === undefined) continue
    pages.push([`docs/reference/cluster-services/${name}.md`, page(name, value, packageName, exportName)])
  }
  return pages.sort(([a], [b]) => (a < b ? -1 : 1))
}

function page(name: string, { schema }: Backend, packageName: string, exportName: string): string {
  const section = { prefix: `cluster.${name}`, schema }
  return `${GENERATED}
# cluster.service=${name}

\`import { ${exportName} } from '${packageName}'\`. The keys below are for configuration files; in code the same options are
written as \`${exportName}({ ${Object.keys(schema.shape)[0]}: … })\`, and each key is overridden by an environment variable, such as
\`${variableOf(section)}\`.

${keyTable(section)}`
}
