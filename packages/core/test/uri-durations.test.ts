import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../src/uri/duration.ts'
import { didYouMean, nearest } from '../src/uri/suggest.ts'
import { thrownBy } from './thrown-by.ts'

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['250', 250],
    ['-1', -1],
    ['500ms', 500],
    ['15s', 15_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1m30s', 90_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['1m5ms', 60_005],
    [1500, 1500],
    [-1, -1],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    '',
    's',
    '5x',
    '-5s',
    '30s1m',
    '1m1m',
    '1.5s',
    '1e3',
    '5 s s',
    '5S',
    '99999999999999999999d',
    0.5,
    Number.NaN,
  ])('refuses %j', text => {
    expect(thrownBy(() => parseDuration(text)).code).toBe('DROMEDARY_INVALID_DURATION')
  })

  it('reads what formatDuration writes', () => {
    expect(formatDuration(90_000)).toBe('1m30s')
    fc.assert(fc.property(fc.maxSafeInteger(), ms => parseDuration(formatDuration(ms)) === ms))
  })
})

describe('nearest', () => {
  const names = ['period', 'delay', 'repeatCount', 'fixedRate']
  it.each([
    ['perid', 'period'],
    ['preiod', 'period'],
    ['Period', 'period'],
    ['dealy', 'delay'],
    ['repeatcnt', 'repeatCount'],
    ['fixdRat', 'fixedRate'],
    ['zzz', undefined],
    ['x', undefined],
    ['', undefined],
  ])('%s is meant for %s', (word, meant) => {
    expect(nearest(word, names)).toBe(meant)
  })

  it('becomes a question, or nothing', () => {
    expect(didYouMean('perid', names)).toBe('; did you mean period?')
    expect(didYouMean('zzz', names)).toBe('')
  })
})
