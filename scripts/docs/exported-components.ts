import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Component } from '../../packages/core/src/component/contract.ts'
import { ROOT } from '../run.ts'
import { publishedPackages } from '../workspace.ts'

/** A component that a published package exports. */
export interface Exported {
  readonly component: Component
  readonly exportName: string
  readonly packageName: string
}

/** Every component of the published packages: found by looking, so that nobody has to list them. */
export async function exportedComponents(): Promise<Exported[]> {
  const found: Exported[] = []
  for (const { folder, manifest } of publishedPackages()) {
    const index = join(ROOT, folder, 'src/index.ts')
    if (!existsSync(index)) continue
    const exported: Record<string, unknown> = await import(pathToFileURL(index).href)
    for (const [exportName, value] of Object.entries(exported)) {
      if (isComponent(value)) found.push({ component: value, exportName, packageName: manifest.name })
    }
  }
  return found
}

export const components = async (): Promise<Component[]> =>
  (await exportedComponents()).map(({ component }) => component)

function isComponent(value: unknown): value is Component {
  const like = value as Partial<Component> | null | undefined
  return typeof like?.scheme === 'string' && typeof like.endpoint === 'function' && typeof like.meta === 'object'
}
