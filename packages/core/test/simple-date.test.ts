// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Simple is written so
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileSimple } from '../src/language/simple/simple.ts'
import { context, evaluate, exchangeOf, type Given, NOW } from './simple-fixture.ts'

const winter = new Date(NOW)
/** 2026-07-01T22:30:00Z. */
const SUMMER = Date.UTC(2026, 6, 1, 22, 30)

const inZone = (zone: string, run: () => void) => {
  describe(`on a machine in ${zone}`, () => {
    const before = process.env['TZ']
    beforeAll(() => {
      process.env['TZ'] = zone
    })
    afterAll(() => {
      if (before === undefined) delete process.env['TZ']
      else process.env['TZ'] = before
    })
    run()
  })
}

inZone('UTC', () => {
  test.each([
    ['yyyy-MM-dd HH:mm:ss', '2026-03-05 13:07:09'],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", '2026-03-05T13:07:09.042Z'],
    ['yyMMdd', '260305'],
    ['y M d H m s S', '2026 3 5 13 7 9 42'],
    ['hh:mm a', '01:07 PM'],
    ['h K k', '1 1 13'],
    ['EEE EEEE', 'Thu Thursday'],
    ['MMM MMMM', 'Mar March'],
    ['u D DDD', '4 64 064'],
    ['G z Z X', 'AD UTC +0000 Z'],
    ["h 'o''clock'", "1 o'clock"],
    ["''yyyy''", "'2026'"],
    ['yyyy/MM/dd, HH.mm', '2026/03/05, 13.07'],
  ])('%s', (pattern, expected) => {
    expect(evaluate(`\${date:now:${pattern}}`)).toBe(expected)
  })
})

inZone('Asia/Kolkata', () => {
  test.each([
    ['yyyy-MM-dd HH:mm:ss.SSS', '2026-03-05 18:37:09.042'],
    ['Z X XX XXX', '+0530 +05 +0530 +05:30'],
    ['EEE hh a', 'Thu 06 PM'],
  ])('%s', (pattern, expected) => {
    expect(evaluate(`\${date:now:${pattern}}`)).toBe(expected)
  })

  test('a zone that is named does not care for the machine', () => {
    expect(evaluate('${date-with-timezone:now:UTC:HH:mm}')).toBe('13:07')
  })
})

inZone('America/New_York', () => {
  test('midnight, noon and the days around them', () => {
    const at = (hour: number) => ({ headers: { d: Date.UTC(2026, 0, 1, hour) } })
    const text = '${date:header.d:yyyy-MM-dd HH hh KK kk a}'
    expect(evaluate(text, at(4))).toBe('2025-12-31 23 11 11 23 PM')
    expect(evaluate(text, at(5))).toBe('2026-01-01 00 12 00 24 AM')
    expect(evaluate(text, at(17))).toBe('2026-01-01 12 12 00 12 PM')
  })
})

describe('time zones', () => {
  test.each([
    ['UTC', 'yyyy-MM-dd HH:mm Z', '2026-03-05 13:07 +0000'],
    ['GMT+8', 'yyyy-MM-dd HH:mm XXX', '2026-03-05 21:07 +08:00'],
    ['GMT+08:00', 'HH:mm XXX', '21:07 +08:00'],
    ['UTC-3', 'HH:mm Z', '10:07 -0300'],
    ['+05:30', 'HH:mm:ss.SSS', '18:37:09.042'],
    ['Europe/Berlin', "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", '2026-03-05T14:07:09.042+01:00'],
    ['Pacific/Kiritimati', 'yyyy-MM-dd HH', '2026-03-06 03'],
    ['America/St_Johns', 'HH:mm X', '09:37 -03'],
  ])('%s %s', (zone, pattern, expected) => {
    expect(evaluate(`\${date-with-timezone:now:${zone}:${pattern}}`)).toBe(expected)
  })

  test('summer time', () => {
    const given = { headers: { d: SUMMER } }
    expect(evaluate('${date-with-timezone:header.d:Europe/Berlin:yyyy-MM-dd HH:mm Z}', given)).toBe(
      '2026-07-02 00:30 +0200',
    )
  })

  test('moments before 1970, with milliseconds', () => {
    const given = { headers: { d: -1 } }
    expect(evaluate('${date-with-timezone:header.d:Europe/London:yyyy-MM-dd HH:mm:ss.SSS Z}', given)).toBe(
      '1970-01-01 00:59:59.999 +0100',
    )
  })
})

describe('where the moment comes from', () => {
  test.each<[text: string, given: Given, expected: unknown]>([
    ['${date:now}', {}, winter],
    ['${date:millis}', {}, NOW],
    ['${date:now-24h}', {}, new Date(NOW - 86_400_000)],
    ['${date:now+1h30m-100}', {}, new Date(NOW + 5_400_000 - 100)],
    ['${date:now+1d2s}', {}, new Date(NOW + 86_402_000)],
    ['${date:now-10ms}', {}, new Date(NOW - 10)],
    ['${date:millis-1s}', {}, NOW - 1000],
    ['${date:header.x}', { headers: { x: winter } }, winter],
    ['${date:header.x}', { headers: { x: String(NOW) } }, winter],
    ['${date:header.x}', { headers: { x: winter.toISOString() } }, winter],
    ['${date:header.my-date+1s}', { headers: { 'my-date': NOW } }, new Date(NOW + 1000)],
    ['${date:variable.x}', { variables: { x: NOW } }, winter],
    ['${date:exchangeProperty.x}', { properties: { x: NOW } }, winter],
    ['${date:file}', { headers: { CamelFileLastModified: 5 } }, new Date(5)],
    ['${date:exchangeCreated}', { properties: { CamelCreatedTimestamp: 5 } }, new Date(5)],
    ['${date:exchangeCreated-5ms}', { properties: { CamelCreatedTimestamp: 5 } }, new Date(0)],
    ['${date:exchangeCreated}', {}, winter],
    ['${date:${header.what}}', { headers: { what: 'now' } }, winter],
    ["${date:now:yyyy == '2026'}", {}, true],
    ["${date-with-timezone:now:UTC:yyyy ?: 'x'}", {}, '2026'],
  ])('%s', (text, given, expected) => {
    expect(evaluate(text, given)).toEqual(expected)
  })

  test.each(['${date:header.x:yyyy}', '${date:variable.x}', '${date:file:HH}'])('%s fails without a date', text => {
    expect(() => evaluate(text, { headers: { x: 'no date' } })).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED', message: expect.stringContaining('no date') }),
    )
  })

  test('a command from a message is parsed anew when it changes, and fails with the text when it is wrong', () => {
    const compiled = compileSimple('${date-with-timezone:now:${header.zone}:HH}', context)
    const hours = ['UTC', 'UTC', 'GMT+1', 'UTC'].map(zone => compiled(exchangeOf({ headers: { zone } })))
    expect(hours).toEqual(['13', '13', '14', '13'])
    expect(() => compiled(exchangeOf({ headers: { zone: 'Mars' } }))).toThrow(
      expect.objectContaining({ code: 'DROMEDARY_EXPRESSION_FAILED', message: expect.stringContaining('Mars') }),
    )
  })
})
