import { parseArgs } from 'node:util'
import type { Suite } from './suite.ts'

/** What was asked for on the command line. */
export interface Wish {
  readonly suite: Suite
  readonly scenarios: Suite['scenarios']
  readonly quick: boolean
  readonly runs?: number
  readonly seed: number
  readonly json: boolean
  readonly keep: boolean
}

export const USAGE =
  'usage: pnpm faults <suite> [scenario…] [--quick] [--runs n] [--seed s] [--json] [--keep]\n' +
  '  --quick  few rounds of each, two to three minutes, time bounds up to five times as wide\n' +
  '  --runs   rounds of each scenario, where its cases do not fix them\n' +
  '  --seed   of every random choice; printed by each run\n' +
  '  --json   one JSON document instead of the table; the last line then goes to standard error\n' +
  '  --keep   keeps the logs of stages on which something was broken'

/** A mistake of the person at the keyboard, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

function wholeNumber(text: string | undefined, name: string, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${name} ${text}: a whole number from ${least}`)
  return value
}

/** Understands the words after `pnpm faults`. Throws a {@link UsageError}. */
export function parseCommandLine(words: readonly string[], suites: readonly Suite[], randomSeed: number): Wish {
  const { values, positionals } = parsed(words)
  const [suiteName, ...names] = positionals
  const there = suites.map(suite => suite.name).join(', ')
  if (suiteName === undefined) throw new UsageError(`which suite? there is ${there}\n${USAGE}`)
  const suite = suites.find(one => one.name === suiteName)
  if (!suite) throw new UsageError(`no suite is called ${suiteName}; there is ${there}`)
  const scenarios = names.map(name => {
    const scenario = suite.scenarios.find(one => one.name === name)
    if (scenario) return scenario
    throw new UsageError(
      `no scenario of ${suiteName} is called ${name}; there are ${suite.scenarios.map(one => one.name).join(', ')}`,
    )
  })
  const runs = wholeNumber(values.runs, 'runs', 1)
  return {
    suite,
    scenarios: scenarios.length > 0 ? scenarios : suite.scenarios.filter(one => !values.quick || one.rounds.quick > 0),
    quick: values.quick,
    ...(runs === undefined ? {} : { runs }),
    seed: wholeNumber(values.seed, 'seed', 0) ?? randomSeed,
    json: values.json,
    keep: values.keep,
  }
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        runs: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  }
}
