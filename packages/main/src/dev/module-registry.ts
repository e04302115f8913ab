import type { Runtime } from 'node:inspector'
import { register } from 'node:module'
import { types } from 'node:util'

/** By URL, what Node knows of each module that was imported. */
export type ModuleRegistry = Map<unknown, unknown>

/** Where this module leaves something for the debugger, and the debugger for this module. */
const place = globalThis as { dromedaryDevRegistry?: unknown }

/**
 * Node's registry of loaded modules, by URL. It has no end, and holds each module with all that it exports. Node has no
 * function that takes one out (nodejs/node#49442), but its debugger shows the registry: as a variable around a public
 * function. Undefined where this Node has no debugger, or keeps it elsewhere; then modules stay.
 */
export async function findModuleRegistry(): Promise<ModuleRegistry | undefined> {
  try {
    const { Session } = await import('node:inspector/promises')
    const session = new Session()
    // To this very thread: no port is opened.
    session.connect()
    const look = async (at: Runtime.RemoteObject | undefined): Promise<Runtime.GetPropertiesReturnType> =>
      at?.objectId === undefined
        ? { result: [] }
        : await session.post('Runtime.getProperties', { objectId: at.objectId, ownProperties: true })
    try {
      place.dromedaryDevRegistry = register
      const { result: start } = await session.post('Runtime.evaluate', { expression: 'dromedaryDevRegistry' })
      const scopes = (await look(start)).internalProperties?.find(({ name }) => name === '[[Scopes]]')
      for (const scope of (await look(scopes?.value)).result) {
        const variables = (await look(scope.value)).result
        const objectId = variables.find(({ name }) => name === 'cascadedLoader')?.value?.objectId
        if (objectId === undefined) continue
        const functionDeclaration = 'function () { globalThis.dromedaryDevRegistry = this.loadCache }'
        await session.post('Runtime.callFunctionOn', { objectId, functionDeclaration })
        return types.isMap(place.dromedaryDevRegistry) ? place.dromedaryDevRegistry : undefined
      }
      return undefined
    } finally {
      session.disconnect()
      delete place.dromedaryDevRegistry
    }
  } catch {
    return undefined
  }
}

/** Takes modules out, to be freed once nothing of them runs. */
export function forgetModules(registry: ModuleRegistry, isGone: (url: string) => boolean): void {
  // Node's own class of maps knows no way to remove an entry altogether, the language's does.
  const { keys, get, delete: remove } = Map.prototype
  for (const url of [...keys.call(registry)]) {
    if (!isGone(String(url))) continue
    for (const job of Object.values(get.call(registry, url) as object)) keepWithModule(job)
    remove.call(registry, url)
  }
}

/** By what a module exports, which lives as long as any code of it. */
const jobs = new WeakMap<object, unknown>()

/** Code of the module may still run: without this, its first `import.meta` would be empty. */
function keepWithModule(job: { readonly module?: { getNamespace(): object } } | undefined): void {
  try {
    const namespace = job?.module?.getNamespace()
    if (namespace !== undefined) jobs.set(namespace, job)
  } catch {
    // It was not linked: none of its code has run.
  }
}
