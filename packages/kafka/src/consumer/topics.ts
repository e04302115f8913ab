import type { PortMember } from '../client/port.ts'

/** What topics a consumer reads: names, or those that match. */
export interface Subscription {
  /** Those that exist now. Rejects with the error of the client. */
  existing(member: PortMember): Promise<ReadonlyMap<string, number>>
  /** For people. */
  readonly text: string
  /** Names that must exist; empty for a pattern. */
  readonly names: readonly string[]
}

/** The whole name has to match, as in Java. Throws a SyntaxError for a pattern that is none. */
export function subscription(topic: string, isPattern: boolean): Subscription {
  const names = isPattern ? [] : [...new Set(topic.split(',').map(name => name.trim()))]
  const pattern = isPattern ? new RegExp(`^(?:${topic})$`) : undefined
  return {
    text: topic,
    names,
    existing: async member => {
      const wanted = pattern === undefined ? names : (await member.allTopics()).filter(name => pattern.test(name))
      const counts = await member.partitionCounts(wanted)
      return new Map([...counts].filter(([, count]) => count > 0).sort())
    },
  }
}
