import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Component } from '../../packages/core/src/component/contract.ts'
import type { Section } from '../../packages/main/src/configuration/section.ts'
import { ROOT } from '../run.ts'
import { publishedPackages } from '../workspace.ts'

/** Something that a published package exports. */
export interface Exported<T> {
  readonly value: T
  readonly exportName: string
  readonly packageName: string
  /** `packages/timer` */
  readonly folder: string
}

/** Looked for, so that nobody has to list them. */
async function exported<T>(isOne: (value: unknown) => value is T): Promise<Exported<T>[]> {
  const found: Exported<T>[] = []
  for (const { folder, manifest } of publishedPackages()) {
    const index = join(ROOT, folder, 'src/index.ts')
    if (!existsSync(index)) continue
    const names: Record<string, unknown> = await import(pathToFileURL(index).href)
    for (const [exportName, value] of Object.entries(names)) {
      if (isOne(value)) found.push({ value, exportName, packageName: manifest.name, folder })
    }
  }
  return found
}

export const exportedComponents = () => exported(isComponent)

/** What a package exports that `cluster.service` can choose. */
export interface Backend {
  readonly schema: Section['schema']
}

export const exportedBackends = () => exported(isBackend)

/** What a package exports that `observe.enabled` turns on. */
export const exportedObservers = () => exported(isObserver)

function isComponent(value: unknown): value is Component {
  const like = value as Partial<Component> | null | undefined
  return typeof like?.scheme === 'string' && typeof like.endpoint === 'function' && typeof like.meta === 'object'
}

function isBackend(value: unknown): value is Backend {
  const like = value as { schema?: unknown; describe?: unknown } | null | undefined
  return typeof like?.describe === 'function' && typeof like.schema === 'object'
}

function isObserver(value: unknown): value is Backend {
  const like = value as { schema?: unknown; create?: unknown; describe?: unknown } | null | undefined
  return typeof like?.create === 'function' && typeof like.schema === 'object' && like.describe === undefined
}
