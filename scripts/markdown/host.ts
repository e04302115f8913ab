import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Context, RouteSource } from '../../packages/core/src/index.ts'

/**
 * Runs blocks of the documentation, one after the other: imports each, starts what it exports (contexts, routes), stops
 * that, and ends. With `--stay` it goes on until it is killed, because what it prints is waited for. Nothing leaves this
 * machine: names do not resolve.
 */
const lookup = dns.lookup
dns.lookup = ((host: string, ...rest: unknown[]) => {
  if (/^(?:localhost|127\.[\d.]+|::1|0\.0\.0\.0|::)$/.test(host)) return (lookup as Loose)(host, ...rest)
  const answer = rest.at(-1) as (error: Error) => void
  setImmediate(() => answer(Object.assign(new Error(`${host} is not looked up here`), { code: 'ENOTFOUND' })))
}) as typeof dns.lookup
syncBuiltinESMExports()

type Loose = (...args: unknown[]) => unknown

const files = process.argv.slice(2).filter(argument => argument !== '--stay')
const stay = process.argv.includes('--stay')
for (const file of files) {
  // Each finds a command line and a folder of its own.
  process.argv.splice(1, process.argv.length, file)
  process.chdir(dirname(file))
  const exported: Record<string, unknown> = await import(pathToFileURL(file).href)
  const values = Object.values(exported).flat()
  const contexts = values.filter(isContext)
  const routes = values.filter(isRoute)
  if (routes.length > 0) contexts.push(await contextOf(routes))
  for (const context of contexts) if (context.status === 'created') await context.start()
  if (!stay) for (const context of contexts) if (context.status === 'started') await context.stop()
}
if (!stay) process.exit()

function isContext(value: unknown): value is Context {
  const like = value as Partial<Context> | null | undefined
  return typeof like?.createExchange === 'function' && typeof like.start === 'function'
}

function isRoute(value: unknown): value is RouteSource {
  const like = value as { readonly definition?: { readonly from?: unknown } } | null | undefined
  return like?.definition?.from !== undefined
}

/** With every component that there is, loaded by those who need them alone. */
async function contextOf(routes: readonly RouteSource[]): Promise<Context> {
  const { createContext } = await import('../../packages/core/src/index.ts')
  const { memoryCluster } = await import('../../packages/testing/src/index.ts')
  const { exportedComponents } = await import('../docs/exported.ts')
  const components = (await exportedComponents()).map(({ value }) => value)
  // As an application gives them.
  const properties = { 'node.id': 'one', 'node.namespace': 'documented' }
  return createContext({ routes, properties, components, cluster: memoryCluster().member() })
}
