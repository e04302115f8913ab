import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Component, ComponentMeta, OptionMeta } from '../../packages/core/src/component/contract.ts'
import { ROOT } from '../run.ts'
import { publishedPackages } from '../workspace.ts'
import { GENERATED, table } from './markdown.ts'

/** A page for each component that a published package exports: found by looking, so that nobody has to list them. */
export async function componentPages(): Promise<[string, string][]> {
  const pages: [string, string][] = []
  for (const { folder, manifest } of publishedPackages()) {
    const index = join(ROOT, folder, 'src/index.ts')
    if (!existsSync(index)) continue
    const exported: Record<string, unknown> = await import(pathToFileURL(index).href)
    for (const [name, value] of Object.entries(exported)) {
      if (!isComponent(value)) continue
      pages.push([`docs/reference/components/${value.scheme}.md`, componentPage(value.meta, manifest.name, name)])
    }
  }
  return pages.sort(([a], [b]) => (a < b ? -1 : 1))
}

function isComponent(value: unknown): value is Component {
  const like = value as Partial<Component> | null | undefined
  return typeof like?.scheme === 'string' && typeof like.endpoint === 'function' && typeof like.meta === 'object'
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
  const rows = options.map(option => [
    `\`${option.name}\``,
    option.type.includes('/') ? option.type.split('/').join(', ') : option.type,
    option.required ? 'required' : option.default === undefined ? '' : `\`${option.default}\``,
    option.description,
  ])
  return `## ${title}\n\n${table(['Name', 'Type', 'Default', 'What it does'], rows)}`
}
