import {
  clusterSection,
  logSection,
  nodeSection,
  shutdownSection,
} from '../../packages/main/src/configuration/sections.ts'
import { exportedBackends, exportedSections } from './exported.ts'
import { GENERATED } from './markdown.ts'
import { keyTable } from './sections.ts'

/** Every key that an application knows. */
export async function configurationPage(): Promise<string> {
  const services = (await exportedBackends()).map(({ folder }) => folder.replace('packages/cluster-', '')).sort()
  const links = services.map(name => `[\`${name}\`](cluster-services/${name}.md)`)
  const own = [nodeSection, logSection, shutdownSection, clusterSection(services)]
  const others = (await exportedSections()).map(({ value, packageName }) => ({ section: value, packageName }))
  const sections = [...own.map(section => ({ section, packageName: '@dromedary/main' })), ...others]
  const parts = sections.map(
    ({ section, packageName }) => `## ${section.prefix}\n\nOf \`${packageName}\`.\n\n${keyTable(section)}`,
  )
  return `${GENERATED}
# Configuration keys

Where they may be written, and which one wins, is in the [guide](../guide/configuration.md). \`log.level.<category>\` is the level of one
category. \`cluster.service\` may be one of those that the application offers, or \`none\`; the keys of each are on a page of their own:
${links.join(', ')}.

${parts.join('\n')}`
}
