import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { must, ROOT } from '../scripts/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'dromedary-counts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Case = { readonly status: string; readonly fullName: string }

/** What `.ci/run` would add: passed and failed. */
async function counted(cases: readonly Case[], { exitCode = 0, loaded = true, success = true } = {}): Promise<string> {
  const suites = [{ name: 'a.test.ts', status: 'passed', message: '', assertionResults: cases }]
  if (!loaded) suites.push({ name: 'b.test.ts', status: 'failed', message: 'a syntax error', assertionResults: [] })
  const report = join(folder, 'report.json')
  writeFileSync(report, JSON.stringify({ success, testResults: suites }))
  return (await must(process.execPath, [join(ROOT, 'scripts/test-counts.ts'), report, String(exitCode)])).trim()
}

const passed = { status: 'passed', fullName: 'holds' }

it('counts what passed and what failed', async () => {
  expect(await counted([passed, passed, { status: 'failed', fullName: 'does not hold' }])).toBe('2 1')
})

it('takes a skipped test for a failure, unless a driver says why it does not claim the case', async () => {
  expect(await counted([passed, { status: 'skipped', fullName: 'not today' }])).toBe('1 1')
  expect(await counted([passed, { status: 'skipped', fullName: 'survives [not claimed: memory only]' }])).toBe('1 0')
})

it('takes a file that did not load, a run of nothing, and a bad end for failures', async () => {
  expect(await counted([passed], { loaded: false, success: false })).toBe('1 1')
  expect(await counted([])).toBe('0 1')
  expect(await counted([passed], { exitCode: 1 })).toBe('1 1')
})
