import { expect, it } from 'vitest'
import { readConsoleLine, recordOf } from '../src/check/index.ts'

const LINE =
  'Partition:1\tOffset:42\tcontent-type:json,DromedaryClusterTerm:1795391467461\tABCD\t{"seq":7,"symbol":"ABCD"}'

it('reads what the console consumer of Kafka prints', () => {
  expect(recordOf(readConsoleLine(LINE))).toEqual({
    partition: 1,
    offset: 42,
    key: 'ABCD',
    seq: 7,
    term: 1795391467461n,
  })
})

it('knows a record without a term, and takes no other header for it', () => {
  for (const headers of ['NO_HEADERS', 'XDromedaryClusterTerm:5', 'DromedaryClusterTerm:']) {
    const line = readConsoleLine(`Partition:0\tOffset:0\t${headers}\tnull\t{"seq":1}`)
    expect(recordOf(line).term).toBeUndefined()
  }
})

it('keeps tabs in the value, and refuses lines and records of another kind', () => {
  expect(readConsoleLine('Partition:0\tOffset:0\tNO_HEADERS\tk\ta\tb').value).toBe('a\tb')
  expect(() => readConsoleLine('[2026-11-26] WARN something')).toThrow(/no line of the console consumer/)
  expect(() => recordOf(readConsoleLine('Partition:2\tOffset:9\tNO_HEADERS\tk\thello'))).toThrow(
    'the record at offset 9 of partition 2 has no seq',
  )
})
