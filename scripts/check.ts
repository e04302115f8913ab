import { parseArgs } from 'node:util'
import { type Check, checks } from './checks/all.ts'

/**
 * `pnpm check [name …]`: everything that must hold before a commit is worth a review, part by part, each timed.
 * All parts run even if one fails; exit code 1 if any did.
 */
const { positionals } = parseArgs({ allowPositionals: true })
const unknown = positionals.find(name => !checks.some(check => check.name === name))
if (unknown !== undefined) {
  console.error(`check has no part "${unknown}"; it has ${checks.map(check => check.name).join(', ')}`)
  process.exit(1)
}

const chosen = checks.filter(check => positionals.length === 0 || positionals.includes(check.name))
const results: { readonly check: Check; readonly seconds: string; readonly passed: boolean }[] = []
for (const check of chosen) {
  const start = performance.now()
  const failure = await check.run().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  if (failure !== undefined) console.log(failure.trimEnd())
  console.log(`${failure === undefined ? 'ok    ' : 'FAILED'} ${check.name} (${check.about}) ${seconds} s`)
  results.push({ check, seconds, passed: failure === undefined })
}

const failed = results.filter(result => !result.passed).map(result => result.check.name)
console.log(`check: ${results.length - failed.length} passed, ${failed.length} failed`)
if (failed.length > 0) {
  console.log(`again: pnpm check ${failed.join(' ')}`)
  process.exitCode = 1
}
