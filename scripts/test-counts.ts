import { readFileSync } from 'node:fs'

/**
 * `node scripts/test-counts.ts report.json [exit code]` prints what vitest's JSON report says as `passed failed`. A skipped test
 * counts as failed, unless it is the case of a contract suite that a driver does not claim, with its reason; so does a
 * file that did not load, a run without any test, and one that ended badly for another reason.
 */
interface Report {
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly status: string
      readonly fullName: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

const [file = 'report.json', exitCode = '0'] = process.argv.slice(2)
const report: Report = JSON.parse(readFileSync(file, 'utf8'))
let passed = 0
let failed = 0
for (const suite of report.testResults) {
  if (suite.assertionResults.length === 0 && suite.status !== 'passed') {
    failed++
    console.error(`did not load: ${suite.name} ${suite.message}`)
  }
  for (const { status, fullName, failureMessages = [] } of suite.assertionResults) {
    if (status === 'passed') passed++
    else if (status === 'failed' || !/\[not claimed: .+\]$/.test(fullName)) {
      failed++
      console.error(`${status}: ${fullName} (${suite.name})`)
      for (const message of failureMessages) console.error(`    ${message.split('\n').slice(0, 6).join('\n    ')}`)
    }
  }
}
const endedBadly = !report.success || exitCode !== '0' || passed === 0
if (endedBadly && failed === 0) failed++
console.log(`${passed} ${failed}`)
