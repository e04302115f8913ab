import type { ElectionOptions } from './election-options.ts'
import type { OwnerRecord } from './owner-record.ts'

/** What a holder has set differently, for people; undefined where all is the same. */
export function otherSettings(options: ElectionOptions, holder: OwnerRecord): string | undefined {
  const settings = [
    ['update', holder.updateMs, options.updateMs],
    ['stale', holder.staleMs, options.staleMs],
    ['acquire-lock-interval', holder.intervalMs, options.intervalMs],
  ] as const
  const differing = settings.filter(([, there, here]) => there !== here)
  if (differing.length === 0) return undefined
  const list = differing.map(([name, there, here]) => `${name} is ${there} ms there, ${here} ms here`).join('; ')
  return `member ${holder.id} of ${options.namespace} has other settings: ${list}. Give all members the same.`
}
