import { readdirSync } from 'node:fs'
import type { Scenario } from '../suite.ts'

/** Entries below a root that a handful of live members with one namespace may need. */
export const FOLDER_BOUND = 60

/** Every path below the root. */
export const entriesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true }).map(entry => entry.name)

/** What thousands of takeovers leave behind. */
export const folders: readonly Scenario[] = [
  {
    name: 'thousand-takeovers',
    about: 'Members of one process lead and leave a thousand times; the folder stays small.',
    rounds: { full: 1_000, quick: 100 },
    bounds: {},
    play: async (stage, rounds) => {
      const member = await stage.start({ mode: 'churn' })
      const biggest: number[] = []
      const done = stage.until('all takeovers', event => event.kind === 'note' && event.text === 'churned', 300_000)
      stage.tell(member, { do: 'churn', takeovers: rounds.length })
      let over = false
      void done.then(() => {
        over = true
      })
      while (!over) {
        biggest.push(entriesOf(stage.root).length)
        await Promise.race([done, stage.pause(500)])
      }
      const entries = Math.max(...biggest, entriesOf(stage.root).length)
      if (entries > FOLDER_BOUND) throw new Error(`the folder had up to ${entries} entries, more than ${FOLDER_BOUND}`)
      const valid = stage.events.filter(event => event.kind === 'valid')
      stage.samples.push(...valid.flatMap((event, index) => sinceEnd(stage.events, valid[index - 1]?.member, event.at)))
    },
  },
]

function sinceEnd(
  events: readonly { kind: string; member: string; at: number }[],
  member: string | undefined,
  at: number,
) {
  const ended = events.find(event => event.kind === 'drained' && event.member === member)
  return ended ? [at - ended.at] : []
}
