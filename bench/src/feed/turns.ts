import { setTimeout as wait } from 'node:timers/promises'
import { cpuSeconds } from '../processor-time.ts'

/** What one contender did in one round. */
export interface Round {
  readonly messages: number
  readonly nanoseconds: number
  /** Of the contender's process, the broker's not included; NaN where it is not known. */
  readonly cpuSeconds: number
  /** From its start to its first message, where there is such a thing. */
  readonly firstMs?: number
}

/** Somebody who can do it, in a process of their own. */
export interface FeedContender extends AsyncDisposable {
  readonly name: string
  /** Versions, and what a reader must know. */
  readonly about: string
  /** Handles so many messages, each of them to the end. Rejects when one is lost. */
  round(messages: number): Promise<Round>
  /** The most memory of its process so far, megabytes; NaN where it is not known. */
  peakMb(): number
}

/** How much, and how often. */
export interface Turns {
  readonly messages: number
  /** Of each contender, before the first round that counts. */
  readonly warmUp: number
  readonly rounds: number
}

/** What a contender did, round by round. */
export interface Results {
  readonly name: string
  readonly about: string
  readonly rounds: readonly Round[]
  readonly peakMb: number
}

/** Compilers and collectors of a turn go on after it: they are not to take from the next one. */
const REST_MS = 1_000

/** Warms all of them up, then lets them take turns, another one first in each round. */
export async function takeTurns(
  contenders: readonly FeedContender[],
  { messages, warmUp, rounds }: Turns,
  note: (text: string) => void,
): Promise<Results[]> {
  const done = new Map(contenders.map(({ name }) => [name, [] as Round[]]))
  for (let round = -warmUp; round < rounds; round++) {
    note(round < 0 ? `warm-up ${round + warmUp + 1} of ${warmUp}` : `round ${round + 1} of ${rounds}`)
    for (let turn = 0; turn < contenders.length; turn++) {
      const one = contenders[(round + warmUp + turn) % contenders.length] as FeedContender
      await wait(REST_MS)
      const result = await one.round(messages)
      if (round >= 0) done.get(one.name)?.push(result)
    }
  }
  return contenders.map(one => ({
    name: one.name,
    about: one.about,
    rounds: done.get(one.name) ?? [],
    peakMb: one.peakMb(),
  }))
}

/** Runs it and says what processor time the process had for it, seconds. */
export async function withCpu<T>(pid: number, work: () => Promise<T>): Promise<T & { readonly cpuSeconds: number }> {
  const before = cpuSeconds([pid])
  const result = await work()
  return { ...result, cpuSeconds: cpuSeconds([pid]) - before }
}
