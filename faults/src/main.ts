import { parseCommandLine, UsageError, type Wish } from './command-line.ts'
import { failed, lastLine, tableHead, tableRow } from './report.ts'
import { runScenarios, type ScenarioResult } from './runner.ts'
import { SUITES } from './suites.ts'

async function main(): Promise<number> {
  let wish: Wish
  try {
    wish = parseCommandLine(process.argv.slice(2), SUITES, Math.floor(Math.random() * 2 ** 31))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`faults: ${error.message}`)
    return 1
  }
  const { suite, scenarios, seed, json } = wish
  const say = (text: string) => (json ? console.error(text) : console.log(text))
  const names = scenarios.map(scenario => scenario.name)
  if (!json) console.log(`seed ${seed}; times in milliseconds\n\n${tableHead(names, suite.counters)}`)
  const print = (result: ScenarioResult) => {
    if (!json) console.log(tableRow(result, names, suite.counters))
  }
  const results = await runScenarios(wish, print)
  if (json) console.log(JSON.stringify({ suite: suite.name, seed, quick: wish.quick, results }, null, 2))
  else console.log()
  say(lastLine(suite.name, results, suite.counters))
  return results.some(failed) ? 1 : 0
}

// Ending by process.exit runs the exit handlers, which kill the members and remove the folders.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => process.exit(code))
}
process.exitCode = await main()
