import type { WatchSelector } from '../../src/api.ts'
import type { ObjectMeta } from '../../src/objects.ts'
import { answered } from './failures.ts'

type Labels = Readonly<Record<string, string>>

const REQUIREMENT = /^(!?)([\w./-]+)(?:(==|=|!=)([\w.-]*))?$/

/** Whether an object is selected. Throws 400 for a label selector that is none. */
export function selects(selector: WatchSelector): (metadata: ObjectMeta) => boolean {
  if ('name' in selector) return metadata => metadata.name === selector.name
  const requirements = selector.label.split(',').map(requirement)
  return metadata => requirements.every(holds => holds(metadata.labels ?? {}))
}

/** `key`, `!key`, `key=value`, `key==value` or `key!=value`. */
function requirement(text: string): (labels: Labels) => boolean {
  const [, not, key, operator, value = ''] = REQUIREMENT.exec(text.trim()) ?? []
  if (key === undefined || (not && operator)) throw answered(400, `no label selector: ${text}`)
  if (!operator) return labels => Object.hasOwn(labels, key) !== (not === '!')
  return labels => (labels[key] === value) !== (operator === '!=')
}
