import { DromedaryError, type LogRecord } from '@dromedary/core'
import { describe, expect, it } from 'vitest'
import type { LevelWord } from '../src/logging/levels.ts'
import { createTextSink } from '../src/logging/text.ts'

const NOON = new Date(2026, 10, 22, 23, 4, 24, 123).getTime()

function written(record: LogRecord, now = NOON): string {
  const lines: string[] = []
  const clock = { now: () => now, monotonic: () => 0, setTimeout: () => ({ cancel() {}, unref: () => expect.fail() }) }
  const sink = createTextSink({ write: line => void lines.push(line) }, { root: 'info', categories: new Map() }, clock)
  sink.write(record)
  return lines.join('')
}

const record: LogRecord = {
  level: 'info',
  category: 'clustered',
  context: 'leader-election',
  origin: 'timer://clustered',
  message: 'Clustered route (timer) f47a ...',
}

describe('a line of the text log', () => {
  it('has the shape of Camel Quarkus: local time with a comma, level, category, context and origin', () => {
    expect(written(record)).toBe(
      '2026-11-22 23:04:24,123 INFO  [clustered] (Dromedary (leader-election) - timer://clustered) Clustered route (timer) f47a ...\n',
    )
  })

  it('leaves out what it does not know', () => {
    expect(written({ level: 'error', category: 'main', message: 'x' })).toMatch(/ ERROR \[main\] \(Dromedary\) x\n$/)
    expect(written({ level: 'warn', category: 'main', context: 'c', message: 'x' })).toMatch(
      / WARN {2}\[main\] \(Dromedary \(c\)\) x\n$/,
    )
  })

  it('pads the milliseconds and notices the next second', () => {
    expect(written(record, NOON - 118)).toContain('23:04:24,005 ')
    expect(written(record, NOON + 1_000)).toContain('23:04:25,123 ')
  })

  it('cannot be forged by data: line breaks and control characters are escaped, tabs stay', () => {
    const forged = written({
      ...record,
      message: 'x\n2026 ERROR\r\u001b[31m\u2028\u0085y\tz',
      category: 'a\nb',
      origin: 'o\np',
    })
    expect(forged.match(/\n/g)).toHaveLength(1)
    expect(forged).toContain('x\\n2026 ERROR\\r\\u001b[31m\\u2028\\u0085y\tz')
    expect(forged).toContain('[a\\nb]')
  })

  it("prints a user's mistake with its code, in one line", () => {
    const error = new DromedaryError('DROMEDARY_CONFIG', 'no\nsuch key', { cause: new Error('beneath') })
    // Who quotes the error in the message need not read it twice.
    expect(written({ ...record, message: 'Cannot start: no such key', error })).toMatch(
      /\) Cannot start: DROMEDARY_CONFIG: no such key\n$/,
    )
    expect(written({ ...record, message: '', error })).toMatch(/\) DROMEDARY_CONFIG: no such key\n$/)
    expect(written({ ...record, message: 'Cannot start', error })).toMatch(
      /\) Cannot start: DROMEDARY_CONFIG: no such key\n$/,
    )
  })

  it('prints anything unexpected with its stack and causes, indented so that no line of it looks like a record', () => {
    const error = new TypeError('broken', { cause: new Error('beneath') })
    const lines = written({ ...record, message: 'Failed', error })
      .trimEnd()
      .split('\n')
    expect(lines[0]).toMatch(/\) Failed$/)
    expect(lines[1]).toBe('\tTypeError: broken')
    expect(lines.some(line => line === '\tCaused by: Error: beneath')).toBe(true)
    expect(lines.slice(1).every(line => line.startsWith('\t'))).toBe(true)
    expect(lines.length).toBeGreaterThan(4)
  })

  it('is written whatever was thrown', () => {
    const unreadable = Object.defineProperty(new Error('its message'), 'stack', {
      get() {
        throw new Error('no stack')
      },
    })
    expect(written({ ...record, message: 'Failed', error: unreadable })).toMatch(/\) Failed\n\tits message\n$/)
    expect(written({ ...record, message: 'Failed', error: Object.create(null) })).toMatch(
      /\) Failed\n\tsomething that has no text was thrown\n$/,
    )
  })
})

describe('levels', () => {
  const sink = (root: LevelWord, categories: Record<string, LevelWord>) =>
    createTextSink({ write() {} }, { root, categories: new Map(Object.entries(categories)) }, undefined as never)

  it('let through the level itself and what is worse', () => {
    const { isEnabled } = sink('warn', {})
    expect([isEnabled('error', 'a'), isEnabled('warn', 'a'), isEnabled('info', 'a')]).toEqual([true, true, false])
  })

  it('of a category decide for it and for what lies beneath, nearest first', () => {
    const { isEnabled } = sink('info', { a: 'error', 'a.b': 'trace', quiet: 'off' })
    expect([isEnabled('info', 'a'), isEnabled('info', 'a.c'), isEnabled('trace', 'a.b.c')]).toEqual([
      false,
      false,
      true,
    ])
    expect([isEnabled('error', 'quiet'), isEnabled('info', 'ab'), isEnabled('info', 'other')]).toEqual([
      false,
      true,
      true,
    ])
  })
})
