import { describeOptions } from '../../packages/core/src/component/describe-options.ts'
import { keysOf, type Section } from '../../packages/main/src/configuration/section.ts'
import { observeSection } from '../../packages/main/src/configuration/sections.ts'
import { observability } from '../../packages/observability/src/index.ts'
import { GENERATED, table } from './markdown.ts'

/** The keys of `observe.*`: what turns it on is the application's, the rest the package's. */
export async function observabilityPage(): Promise<string> {
  const sections: Section[] = [observeSection, { prefix: observeSection.prefix, schema: observability.schema }]
  const rows = sections.flatMap(section => {
    const keys = keysOf(section)
    return describeOptions(section.schema).map((option, at) => [
      `\`${keys[at]?.key}\``,
      option.type,
      option.default === undefined ? '' : `\`${option.default}\``,
      option.description,
    ])
  })
  return `${GENERATED}
# observe

\`import { observability } from '@dromedary/observability'\`, given to \`runApplication\`. Each key is overridden by an environment
variable, such as \`OBSERVE_ENABLED\`, and by \`--set\`.

${table(['Key', 'Type', 'Default', 'What it does'], rows)}`
}
