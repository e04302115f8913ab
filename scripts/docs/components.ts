import type { ComponentMeta, OptionMeta } from '../../packages/core/src/component/contract.ts'
import { exportedComponents } from './exported.ts'
import { GENERATED, OPTION_HEAD, optionRow, table } from './markdown.ts'

/** A page for each component that a published package exports. */
export async function componentPages(): Promise<[string, string][]> {
  const pages = (await exportedComponents()).map(({ value, exportName, packageName }): [string, string] => [
    `docs/reference/components/${value.scheme}.md`,
    componentPage(value.meta, packageName, exportName),
  ])
  return pages.sort(([a], [b]) => (a < b ? -1 : 1))
}

function componentPage(meta: ComponentMeta, packageName: string, exportName: string): string {
  const path = meta.options.filter(option => option.kind === 'path')
  const query = meta.options.filter(option => option.kind === 'query')
  const sections = [optionTable('Path', path), optionTable('Options', query)].filter(section => section !== '')
  return `${GENERATED}
# ${meta.scheme}

${meta.title}

\`${meta.syntax}\`: ${directions(meta)}. \`import { ${exportName} } from '${packageName}'\`

${sections.join('\n')}`
}

function directions(meta: ComponentMeta): string {
  const can = [meta.consumes && 'consumes', meta.produces && 'produces', meta.wraps && 'wraps another endpoint']
  return can.filter(one => one !== false).join(', ')
}

function optionTable(title: string, options: readonly OptionMeta[]): string {
  if (options.length === 0) return ''
  const rows = options.map(option => optionRow(option.name, option))
  return `## ${title}\n\n${table(OPTION_HEAD, rows)}`
}
