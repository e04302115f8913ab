import type { Verdict } from './feed-check.ts'
import type { Range } from './sequence.ts'

const SHOWN = 10

/** A verdict for people, line by line; the last one says whether all is well. */
export function report(verdict: Verdict): string[] {
  const { records, deadLetters, range, missing, terms, unreadableAgain, withoutTerm, ok } = verdict
  const lines = [
    `${records} records and ${deadLetters} dead letters for the messages ${range.first} to ${range.last}`,
    `${terms.length} ${terms.length === 1 ? 'leader' : 'leaders'} wrote: term ${terms.join(', ')}`,
  ]
  if (records === 0) lines[1] = 'nobody has written anything'
  const gaps = missing.slice(0, SHOWN).map(rangeText)
  const lost = missing.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  lines.push(...fault(lost, 'messages are missing', gaps, missing.length))
  lines.push(...fault(verdict.repeats, 'messages are there again', verdict.repeated))
  lines.push(...fault(verdict.disorders, 'records are out of order', verdict.disordered))
  lines.push(...fault(verdict.scattered.length, 'keys are in several partitions', verdict.scattered.slice(0, SHOWN)))
  lines.push(...fault(verdict.falls, 'records of a former leader come after a later one', verdict.fallen))
  lines.push(...fault(withoutTerm, 'records do not say whose term they are of', []))
  if (unreadableAgain > 0) lines.push(`${unreadableAgain} unreadable lines are there again, which a takeover may do`)
  lines.push(ok ? 'OK: nothing lost, nothing doubled, everything in order' : 'WRONG')
  return lines
}

/** `all`: how many there would be to show. */
function fault(count: number, what: string, shown: readonly unknown[], all = count): string[] {
  if (count === 0) return []
  const which = shown.length === 0 ? '' : `: ${shown.join(', ')}`
  return [`${count} ${what}${which}${all > shown.length && shown.length > 0 ? ', …' : ''}`]
}

const rangeText = ({ first, last }: Range) => (first === last ? String(first) : `${first} to ${last}`)
