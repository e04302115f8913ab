import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Decoder } from '../src/framing/decoder.ts'
import { delimiter } from '../src/framing/delimiter.ts'
import { FixedDecoder } from '../src/framing/fixed-decoder.ts'
import { LengthDecoder } from '../src/framing/length-decoder.ts'
import { lengthField } from '../src/framing/length-field.ts'
import { LineDecoder } from '../src/framing/line-decoder.ts'

/** All frames of the bytes, cut into chunks of these sizes; what was thrown is the last of them. */
function decode(decoder: Decoder, bytes: Buffer, cuts: readonly number[]): unknown[] {
  const frames: unknown[] = []
  try {
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = cuts.length === 0 ? bytes.length : (cuts[turn % cuts.length] as number)
      // A chunk of its own, as the network gives it.
      decoder.push(Buffer.from(bytes.subarray(at, at + size)))
      at += size
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) frames.push(frame)
    }
  } catch (error) {
    frames.push(`error: ${(error as Error).message}`)
  }
  return frames
}

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 })
/** Few different bytes, so that delimiters, halves of them and things that look like them are frequent. */
const bytes = fc
  .array(fc.constantFrom('a', 'b', '\r', '\n', '\0', '|', '\u00ff'), { maxLength: 60 })
  .map(parts => Buffer.from(parts.join(''), 'latin1'))

const LINES = [
  { name: 'a line feed', written: 'LINE', longest: 8 },
  { name: 'a zero byte', written: 'NULL', longest: 8 },
  { name: 'two bars', written: '||', longest: 6 },
  { name: 'aab', written: 'aab', longest: 5 },
  { name: 'two line ends', written: '\r\n\r\n', longest: 12 },
]

describe('however the bytes are cut, the frames are the same', () => {
  it.each(LINES)('of lines that end in $name', ({ written, longest }) => {
    const make = () => new LineDecoder({ delimiter: delimiter(written, 'latin1'), encoding: 'latin1', longest })
    fc.assert(
      fc.property(bytes, cuts, (given, sizes) => {
        expect(decode(make(), given, sizes)).toEqual(decode(make(), given, []))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([1, 2, 4, 8] as const)('of frames behind a length of %i bytes', size => {
    for (const order of ['BIG_ENDIAN', 'LITTLE_ENDIAN'] as const) {
      const field = lengthField(size, order)
      const frames = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 6 })
      fc.assert(
        fc.property(frames, cuts, fc.integer({ min: 0, max: 5 }), (given, sizes, missing) => {
          const stream = Buffer.concat(given.flatMap(one => [field.write(one.length), one]))
          const cut = stream.subarray(0, Math.max(0, stream.length - missing))
          const whole = decode(new LengthDecoder(field, 10), cut, [])
          expect(decode(new LengthDecoder(field, 10), cut, sizes)).toEqual(whole)
          // And they are those that were sent, up to the first that is too long.
          const sent = given.slice(0, given.findIndex(one => one.length > 10) >>> 0).map(one => Buffer.from(one))
          const got = whole.filter(one => Buffer.isBuffer(one))
          expect(got).toEqual(sent.slice(0, got.length))
          if (missing === 0) expect(got).toHaveLength(sent.length)
        }),
      )
    }
  })

  it('of frames of a fixed length', () => {
    fc.assert(
      fc.property(bytes, cuts, fc.integer({ min: 1, max: 7 }), (given, sizes, length) => {
        const whole = decode(new FixedDecoder(length), given, [])
        expect(decode(new FixedDecoder(length), given, sizes)).toEqual(whole)
        expect(whole).toHaveLength(Math.floor(given.length / length))
        expect(Buffer.concat(whole as Buffer[])).toEqual(given.subarray(0, whole.length * length))
      }),
    )
  })
})

describe('lines', () => {
  const decoder = (written = 'LINE', longest = 100) =>
    new LineDecoder({ delimiter: delimiter(written, 'utf8'), encoding: 'utf8', longest })

  it('are what a simple split gives, as long as none is too long', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 })), cuts, (given, sizes) => {
        const texts = given.map(text => text.replaceAll(/[\r\n]/g, ' '))
        const stream = Buffer.from(texts.map((text, at) => `${text}${at % 2 ? '\r\n' : '\n'}`).join(''))
        expect(decode(decoder('LINE', 1_000), stream, sizes)).toEqual(texts)
      }),
    )
  })

  it('end in any delimiter, also one that overlaps with itself', () => {
    const given = Buffer.from('xaabyaaabz')
    expect(decode(decoder('aab'), given, [1])).toEqual(['x', 'ya'])
    expect(decode(decoder('||'), Buffer.from('a|b|||c||'), [1])).toEqual(['a|b', '|c'])
  })

  it('may be as long as the limit, and not one byte longer, wherever the cut is', () => {
    for (const sizes of [[], [1], [3], [5]]) {
      expect(decode(decoder('LINE', 5), Buffer.from('12345\r\n12345\n'), sizes)).toEqual(['12345', '12345'])
      const tooLong = 'error: a line is longer than decoderMaxLineLength=5 bytes'
      expect(decode(decoder('LINE', 5), Buffer.from('1\n123456\n2\n'), sizes)).toEqual(['1', tooLong])
      expect(decode(decoder('LINE', 5), Buffer.from('12345\r\r\n'), sizes)).toEqual([tooLong])
      expect(decode(decoder('NULL', 5), Buffer.from('12345\n\0'), sizes)).toEqual([tooLong])
    }
  })

  it('that never end are refused as soon as they are too long, and no more of them is kept', () => {
    const one = decoder('LINE', 1_000)
    let pushed = 0
    expect(() => {
      for (;;) {
        one.push(Buffer.alloc(100, 'x'))
        pushed += 100
        one.next()
      }
    }).toThrow(expect.objectContaining({ code: 'DROMEDARY_INVALID_FRAME' }))
    expect(pushed).toBe(1_100)
    expect(one.pending).toBe(1_000)
  })
})

it('a length above what may be is refused before a byte of the frame has come', () => {
  for (const [size, written] of [
    [4, 'ffffffff'],
    [8, 'ffffffffffffffff'],
  ] as const) {
    const decoder = new LengthDecoder(lengthField(size, 'BIG_ENDIAN'), 100)
    decoder.push(Buffer.from(written, 'hex'))
    expect(() => decoder.next()).toThrow(/maxFrameLength=100/)
  }
})

it.each([
  ['a line', () => new LineDecoder({ delimiter: delimiter('LINE', 'utf8'), encoding: 'utf8', longest: 2 ** 23 })],
  ['a frame', () => new FixedDecoder(2 ** 22)],
])('%s of 4 MB that comes in small pieces is copied a few times, not thousands of times', (_, make) => {
  const copied = countCopies(() => {
    const decoder = make()
    const chunk = Buffer.alloc(1_000, 'x')
    for (let sent = 0; sent < 2 ** 22; sent += chunk.length) {
      decoder.push(chunk)
      decoder.next()
    }
    decoder.push(Buffer.from('\n'))
    decoder.next()
  })
  expect(copied).toBeGreaterThan(2 ** 22)
  expect(copied).toBeLessThan(3 * 2 ** 22)
})

/** Bytes that `Buffer.copy` moved meanwhile. */
function countCopies(run: () => void): number {
  const { copy } = Buffer.prototype
  let bytes = 0
  Buffer.prototype.copy = function (this: Buffer, ...given: Parameters<typeof copy>) {
    const moved = copy.apply(this, given)
    bytes += moved
    return moved
  }
  try {
    run()
  } finally {
    Buffer.prototype.copy = copy
  }
  return bytes
}

it('a small frame does not keep the chunk alive that it came in', () => {
  const decoder = new FixedDecoder(10)
  decoder.push(Buffer.alloc(60_000))
  expect((decoder.next() as Buffer).buffer.byteLength).toBeLessThan(60_000)
})
