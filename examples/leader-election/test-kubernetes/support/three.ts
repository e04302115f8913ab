import type { TestContext } from 'vitest'
import type { Elected } from './elected.ts'
import { type ExampleNamespace, exampleNamespace, type Member } from './members.ts'
import { applyRules, MAY_NOT, type RightName, rulesToldBy, rulesWithout } from './rights.ts'

/** A leader and two followers that lack a right. */
export interface Three {
  readonly example: ExampleNamespace
  readonly leader: Member
  /** The next election: when it was, who leads then, and who still follows. */
  next(): Promise<{ elected: Elected; leader: Member; follower: Member }>
  /** Grants the missing right by the very rule that the log told. */
  heal(): Promise<void>
}

/** Starts them; each has said what it may not do. */
export async function threeWithout(test: TestContext, right: RightName, ...settings: string[]): Promise<Three> {
  const rules = rulesWithout(right)
  const example = await exampleNamespace(test, rules)
  const leader = await example.start('example-a', ...settings)
  await leader.elected()
  const followers = await Promise.all(['example-b', 'example-c'].map(name => example.start(name, ...settings)))
  const [told] = await Promise.all([leader, ...followers].map(member => member.sees(`${MAY_NOT}${right}`)))
  await Promise.all(followers.map(follower => follower.sees('leader of camel-master is example-a')))
  return {
    example,
    leader,
    next: () =>
      Promise.race(
        followers.map(async (next, index) => {
          const elected = await next.elected()
          return { elected, leader: next, follower: followers[1 - index] as Member }
        }),
      ),
    heal: () => applyRules(example.cluster, example.namespace, [...rules, ...rulesToldBy(told?.text ?? '')]),
  }
}
