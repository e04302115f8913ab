import { relative } from 'node:path'
import { createFileClusterService, type LockFs, nodeLockFs } from '@dromedary/cluster-file'
import { consoleSink } from '@dromedary/core'
import type { ServiceFactory, ServiceHooks } from '../member/contract.ts'
import type { FileSettings } from './settings.ts'

/** The file service with its system calls, clock and announcements in the hands of the harness. */
export const createService: ServiceFactory = (settings, hooks) => {
  const { updateMs, staleMs, acquireIntervalMs } = settings as unknown as FileSettings
  return createFileClusterService({
    root: hooks.root,
    id: hooks.id,
    update: updateMs,
    stale: staleMs,
    acquireLockInterval: acquireIntervalMs,
    clock: hooks.clock,
    log: consoleSink,
    fs: stoppable(hooks),
    rehearse: true,
    onLease: ({ type, namespace, term, hardEndMonotonicMs }) => {
      if (type === 'granted' || type === 'extended') hooks.onLease({ namespace, term, end: hardEndMonotonicMs })
    },
  })
}

/** Each call passes two places at which the process may stop: before it is sent, and after it is done but not yet known. */
function stoppable({ root, place }: ServiceHooks): LockFs {
  const wrap = (name: string, call: (...values: unknown[]) => unknown) => {
    return (...values: unknown[]): unknown => {
      const what = `${name} ${values
        .filter(value => typeof value === 'string' && value.startsWith('/'))
        .map(path => relative(root, String(path)))
        .join(' ')}`
      place(`before ${what}`)
      const result = call(...values)
      if (!(result instanceof Promise)) {
        place(`after ${what}`)
        return result
      }
      return result.finally(() => place(`after ${what}`))
    }
  }
  return Object.fromEntries(
    Object.entries(nodeLockFs).map(([name, call]) => [name, wrap(name, call)]),
  ) as unknown as LockFs
}
