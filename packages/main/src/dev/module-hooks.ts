import { createRequire, type LoadFnOutput, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ABSENT, contentOf, readBytes } from './content.ts'
import { ModuleGraph } from './module-graph.ts'

/** An import that named what is not there, or cannot be loaded. */
export interface MissingImport {
  readonly error: unknown
  readonly specifier: string
  /** The plain URL of the module that imports it. */
  readonly importer: string
}

/** What the hooks saw last: some of Node's errors do not say where they come from. */
export interface LoadTrace {
  /** Called when one more module is loaded. */
  learned(): void
  /** The plain URL of the module that Node read last: a syntax error without a place is in it. */
  lastRead: string | undefined
  missing: MissingImport | undefined
}

/** Whether dev mode looks after a module: it lies in the project's folder, and not in `node_modules`. */
export type IsOurs = (url: string) => boolean

/**
 * Joins the graph to Node's loading of modules: each module of the project is loaded by the URL of its current version,
 * and the graph learns who imports whom. All other modules are left alone.
 */
export function hookModules(graph: ModuleGraph, isOurs: IsOurs, trace: LoadTrace): void {
  /** By the plain URL of what is imported: who imported it last, and how. */
  const imports = new Map<string, Omit<MissingImport, 'error'>>()
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const { parentURL = '' } = context
      const isRequired = context.conditions.includes('require') || graph.isPlain(parentURL)
      const importer = graph.versionOf(parentURL, isRequired)
      try {
        // By the plain URL, for which Node may know the answer; it would keep one for each version.
        const found = nextResolve(specifier, context.parentURL ? { ...context, parentURL: importer.url } : context)
        if (!isOurs(found.url)) return found
        graph.link(importer, found.url, isRequired)
        imports.set(found.url, { specifier, importer: importer.url })
        // Node keeps what was required by its path: see `forgetRequired`.
        return isRequired ? found : { ...found, url: graph.versioned(found.url) }
      } catch (error) {
        if (isOurs(importer.url)) {
          trace.missing = { error, specifier, importer: importer.url }
          const { url = isRequired ? placeFor(specifier, importer.url) : undefined } = error as {
            readonly url?: string
          }
          awaitMissing(graph, isOurs, importer, url)
        }
        throw error
      }
    },
    load(url, context, nextLoad) {
      if (!isOurs(url)) return nextLoad(url, context)
      // Of what is imported the hook hears by the URL of its version, of what is required by the plain one.
      const isPlain = ModuleGraph.parse(url).version === 0
      const module = graph.versionOf(url, isPlain)
      trace.lastRead = module.url
      trace.learned()
      try {
        const result = nextLoad(url, context)
        if (result.format?.startsWith('commonjs')) graph.isByPath(module.url)
        graph.loaded(module, contentOf(bytesOf(result) ?? readBytes(module.url)), isPlain)
        return result
      } catch (error) {
        const bytes = readBytes(module.url)
        graph.loaded(module, contentOf(bytes), isPlain)
        // Node may still know an answer from when the file was there; or it does not take such a file, or not so imported.
        const imported = imports.get(module.url)
        const isOfImport = bytes === undefined || !(error instanceof SyntaxError)
        if (isOfImport && imported && isOurs(imported.importer)) trace.missing = { error, ...imported }
        throw error
      }
    },
  })
}

/** A file that is not there yet is looked after as well: once it is, its importers are tried again. */
function awaitMissing(
  graph: ModuleGraph,
  isOurs: IsOurs,
  importer: { readonly url: string; readonly version: number },
  url: string | undefined,
): void {
  if (url === undefined || !isOurs(url)) return
  graph.link(importer, url)
  graph.loaded(ModuleGraph.parse(graph.versioned(url)), ABSENT)
}

/** Of what is required and not there Node does not say where it would be. */
const placeFor = (specifier: string, importer: string): string | undefined =>
  /^\.{0,2}\//.test(specifier) ? new URL(specifier, importer).href : undefined

function bytesOf({ source }: LoadFnOutput): string | Uint8Array | undefined {
  if (source === undefined || source === null || typeof source === 'string') return source ?? undefined
  return source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
}

const { cache } = createRequire(import.meta.url)

/** CommonJS modules of the project are kept by path, not by URL: those that changed are taken out, to be loaded afresh. */
export function forgetRequired(urls: Iterable<string>): void {
  for (const url of urls) delete cache[fileURLToPath(url)]
}
