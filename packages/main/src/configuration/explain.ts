import { type DromedaryError, didYouMean, isSensitive } from '@dromedary/core'
import type { z } from 'zod'
import { configError, type Entry } from './entry.ts'
import { keysOf, type Section } from './section.ts'

/** Turns what a section's schema found into one line: key, value (masked when secret), what is allowed, where. */
export function explain(error: z.ZodError, section: Section, written: ReadonlyMap<string, Entry>): DromedaryError {
  const issue = error.issues[0] as z.core.$ZodIssue
  const field = String(issue.path[0] ?? '')
  const known = keysOf(section).find(one => one.field === field)
  const key = known?.key ?? section.prefix
  const entry = written.get(field)
  if (entry === undefined) {
    const how =
      known === undefined ? '' : `; set it in the configuration file, by ${known.variable}, or by --set ${key}=…`
    return configError(`${key} ${sentence(issue, undefined)}${how}`, undefined)
  }
  return configError(`${key}=${shown(key, entry.value)}: ${sentence(issue, entry.value)}`, entry.where)
}

function sentence(issue: z.core.$ZodIssue, value: string | undefined): string {
  if (issue.code === 'invalid_type' && value === undefined) return 'is required'
  switch (issue.code) {
    case 'invalid_value': {
      const words = issue.values.map(String)
      return `must be one of ${words.join(', ')}${didYouMean(value ?? '', words)}`
    }
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unit(issue.origin)}`
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unit(issue.origin)}`
    case 'custom': {
      const near: unknown = issue.params?.['near']
      return typeof near === 'string' ? `${issue.message}; did you mean ${near}?` : issue.message
    }
    default:
      return issue.message
  }
}

/** Of a text, its length is limited. */
function unit(origin: string): string {
  return origin === 'string' ? ' characters long' : ''
}

function shown(key: string, value: string): string {
  return isSensitive(key) ? 'xxxxxx' : JSON.stringify(value)
}
