import { describe, expect, it } from 'vitest'
import { stops } from '../src/file/stops.ts'
import { failed, lastLine } from '../src/report.ts'
import { runScenario } from '../src/runner.ts'
import type { Suite } from '../src/suite.ts'
import type { NaiveSettings } from './planted/naive-service.ts'

/** Plays the scenario `sigstop` of the file suite, with real processes, on a service of one's own. */
function playSigstop(settings: NaiveSettings) {
  const suite: Suite = {
    name: 'planted',
    service: new URL('./planted/naive-service.ts', import.meta.url).href,
    settings: { ...settings },
    scenarios: stops,
  }
  const scenario = stops.find(one => one.name === 'sigstop')
  if (!scenario) throw new Error('the file suite has no scenario sigstop')
  return runScenario(suite, scenario, { quick: true, runs: 1, seed: 1, keep: false })
}

const good: NaiveSettings = { staleMs: 900, updateMs: 200, marginMs: 150 }

describe('the harness catches', { timeout: 60_000 }, () => {
  it.concurrent('nothing in a service that is good enough', async () => {
    const result = await playSigstop(good)
    expect(result).toMatchObject({ overlaps: [], reused: [], invalid: [], broken: [] })
    expect(result.exchanges).toBeGreaterThan(10)
    expect(result.terms).toBeGreaterThanOrEqual(2)
    expect(failed(result)).toBe(false)
  })

  it.concurrent('a planted split brain: a hard end after the moment at which others follow', async () => {
    const result = await playSigstop({ ...good, marginMs: -4_000 })
    expect(result.overlaps.length).toBeGreaterThan(0)
    expect(failed(result)).toBe(true)
    expect(lastLine('planted', [result])).toMatch(/overlapping terms [1-9].*BROKEN: sigstop/)
  })

  it.concurrent('a planted invalid exchange: isValid() says yes past the announced end', async () => {
    const result = await playSigstop({ ...good, lies: true })
    expect(result.overlaps).toEqual([])
    expect(result.invalid[0]).toMatch(/an exchange of m\d \(main\) at [\d.]+ came [\d.]+ ms after the end/)
    expect(failed(result)).toBe(true)
  })

  it.concurrent('a planted reused term', async () => {
    const result = await playSigstop({ ...good, sameTerm: true })
    expect(result.reused[0]).toContain('has the term of')
    expect(failed(result)).toBe(true)
  })
})
