import {
  clusterSection,
  logSection,
  nodeSection,
  observeSection,
  shutdownSection,
} from '../../packages/main/src/configuration/sections.ts'
import { exportedBackends, exportedObservers } from './exported.ts'
import { GENERATED } from './markdown.ts'
import { keyTable } from './sections.ts'

/** Every key that an application knows. */
export async function configurationPage(): Promise<string> {
  const services = (await exportedBackends()).map(({ folder }) => folder.replace('packages/cluster-', '')).sort()
  const links = services.map(name => `[\`${name}\`](cluster-services/${name}.md)`)
  const sections = [nodeSection, logSection, shutdownSection, clusterSection(services), observeSection]
  const parts = sections.map(section => `## ${section.prefix}\n\n${keyTable(section)}`)
  for (const { value, packageName } of await exportedObservers()) {
    const table = keyTable({ prefix: observeSection.prefix, schema: value.schema })
    parts.push(`With \`${packageName}\` also these:\n\n${table}`)
  }
  return `${GENERATED}
# Configuration keys

Where they may be written, and which one wins, is in the [guide](../guide/configuration.md). \`log.level.<category>\` is the level of one
category. \`cluster.service\` may be one of those that the application offers, or \`none\`; the keys of each are on a page of their own:
${links.join(', ')}.

${parts.join('\n')}`
}
