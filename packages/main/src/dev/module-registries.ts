import type { Session } from 'node:inspector/promises'
import { register } from 'node:module'
import { types } from 'node:util'

type Registry = Map<unknown, unknown>

/** What Node keeps of each module, by its URL. They have no end, and hold each with all that it exports. */
export interface ModuleRegistries {
  /** Of whatever was imported: Node's jobs. */
  readonly imported: Registry | undefined
  /** Of CommonJS and JSON that was imported, once more. */
  readonly commonJs: Registry | undefined
}

/**
 * Node has no function that takes a module out (nodejs/node#49442), but its debugger shows the registries, as variables
 * around its functions. A Node without a debugger, or that keeps them elsewhere, goes without: its modules stay.
 */
export async function findModuleRegistries(): Promise<ModuleRegistries> {
  try {
    const { Session } = await import('node:inspector/promises')
    const session = new Session()
    // To this very thread: no port is opened.
    session.connect()
    try {
      const loader = (await variable(session, register, 'cascadedLoader')) as
        | { readonly loadCache?: unknown; readonly translators?: unknown }
        | undefined
      // The first in Node 22.
      const translators = asMap(loader?.translators ?? (await variable(session, register, 'translators')))
      const ofJson = translators && MAP.get.call(translators, 'json')
      return {
        imported: asMap(loader?.loadCache),
        commonJs: asMap(await variable(session, ofJson, 'cjsCache')),
      }
    } finally {
      session.disconnect()
      delete place.dromedaryDev
    }
  } catch {
    return { imported: undefined, commonJs: undefined }
  }
}

/** Where this module leaves something for the debugger, and the debugger for this module. */
const place = globalThis as { dromedaryDev?: unknown }

/** What a function sees under a name that is declared around it. */
async function variable(session: Session, of: unknown, name: string): Promise<unknown> {
  const look = async (objectId: string | undefined) =>
    objectId === undefined
      ? { result: [] }
      : await session.post('Runtime.getProperties', { objectId, ownProperties: true })
  place.dromedaryDev = of
  const { result: start } = await session.post('Runtime.evaluate', { expression: 'dromedaryDev' })
  const scopes = (await look(start.objectId)).internalProperties?.find(property => property.name === '[[Scopes]]')
  for (const scope of (await look(scopes?.value?.objectId)).result) {
    const found = (await look(scope.value?.objectId)).result.find(property => property.name === name)?.value
    if (found?.objectId === undefined) continue
    const functionDeclaration = 'function () { dromedaryDev = this }'
    await session.post('Runtime.callFunctionOn', { objectId: found.objectId, functionDeclaration })
    return place.dromedaryDev
  }
  return undefined
}

/** Node's maps are of a class of its own, which knows no way to remove an entry altogether. The language's does. */
const MAP = Map.prototype
const asMap = (value: unknown): Registry | undefined => (types.isMap(value) ? value : undefined)

/** Takes modules out, to be freed once nothing of them runs. */
export function forgetModules({ imported, commonJs }: ModuleRegistries, isGone: (url: string) => boolean): void {
  take(imported, isGone, jobs => Object.values(jobs as object).forEach(keepWithModule))
  take(commonJs, isGone, () => {})
}

function take(registry: Registry | undefined, isGone: (url: string) => boolean, taken: (entry: unknown) => void): void {
  if (registry === undefined) return
  for (const url of [...MAP.keys.call(registry)]) {
    if (!isGone(String(url))) continue
    taken(MAP.get.call(registry, url))
    MAP.delete.call(registry, url)
  }
}

/** By what a module exports, which lives as long as any code of it. */
const jobs = new WeakMap<object, unknown>()

/** Code of the module may still run: without its job, its first `import.meta` would be empty. */
function keepWithModule(job: { readonly module?: { getNamespace(): object } } | undefined): void {
  try {
    const namespace = job?.module?.getNamespace()
    if (namespace !== undefined) jobs.set(namespace, job)
  } catch {
    // It could not be linked: none of its code has run.
  }
}
