import { describe, expect, it } from 'vitest'
import { parseCommandLine, UsageError } from '../src/command-line.ts'
import type { Scenario, Suite } from '../src/suite.ts'

const scenario = (name: string): Scenario => ({
  name,
  about: '',
  rounds: { full: 2, quick: 1 },
  bounds: {},
  play: () => Promise.resolve(),
})
const suite: Suite = { name: 'file', service: '', settings: {}, scenarios: [scenario('sigkill'), scenario('sigterm')] }
const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean), [suite], 42)

describe('the command line', () => {
  it('plays all scenarios of a suite with a random seed unless told otherwise', () => {
    expect(parse('file')).toEqual({
      suite,
      scenarios: suite.scenarios,
      quick: false,
      seed: 42,
      json: false,
      keep: false,
    })
  })

  it('takes scenarios and options in any order', () => {
    expect(parse('--quick file --seed 7 sigterm --runs 3 --json --keep')).toEqual({
      suite,
      scenarios: [suite.scenarios[1]],
      quick: true,
      runs: 3,
      seed: 7,
      json: true,
      keep: true,
    })
  })

  it('leaves out of a quick run what has no quick rounds, unless it is named', () => {
    const long = { ...scenario('long'), rounds: { full: 2, quick: 0 } }
    const both = { ...suite, scenarios: [...suite.scenarios, long] }
    const names = (line: string) => parseCommandLine(line.split(' '), [both], 1).scenarios.map(({ name }) => name)
    expect(names('file --quick')).toEqual(['sigkill', 'sigterm'])
    expect(names('file')).toEqual(['sigkill', 'sigterm', 'long'])
    expect(names('file --quick long')).toEqual(['long'])
  })

  it.each([
    ['', 'which suite? there is file'],
    ['fiel', 'no suite is called fiel; there is file'],
    ['file sigkil', 'no scenario of file is called sigkil; there are sigkill, sigterm'],
    ['file --runs none', '--runs none: a whole number from 1'],
    ['file --runs 0', '--runs 0: a whole number from 1'],
    ['file --seed -1', 'usage: pnpm faults'],
    ['file --fast', "Unknown option '--fast'"],
  ])('says of "%s" what is wrong', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError)
    expect(() => parse(line)).toThrow(message)
  })
})
