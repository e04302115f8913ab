import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formEncode } from '../src/uri/normalise.ts'
import { parseUri } from '../src/uri/parse.ts'
import { nastyText } from './nasty-text.ts'
import { thrownBy } from './thrown-by.ts'

const value = (query: string, key = 'k') => parseUri(`x:y?${query}`).parameters.get(key)

describe('parseUri', () => {
  it('reads scheme, path and parameters in the order of writing', () => {
    const uri = parseUri('timer:tick?period=5s&delay=1')
    expect(uri.scheme).toBe('timer')
    expect(uri.path).toBe('tick')
    expect([...uri.parameters]).toEqual([
      ['period', ['5s']],
      ['delay', ['1']],
    ])
  })

  it('takes scheme:path and scheme://path for the same endpoint', () => {
    expect(parseUri('mock:a').normal).toBe('mock://a')
    expect(parseUri('mock://a').normal).toBe('mock://a')
    expect(parseUri('file:/tmp').normal).toBe(parseUri('file:///tmp').normal)
  })

  it('sorts parameters by key and keeps the order of a repeated one', () => {
    expect(parseUri('smtp:h?to=foo&b=2&to=bar&a=1').normal).toBe('smtp://h?a=1&b=2&to=foo&to=bar')
    expect(parseUri('timer:x?b=1&a=2').normal).toBe(parseUri('timer://x?a=2&b=1').normal)
  })

  it('writes values form-encoded', () => {
    expect(parseUri("x:y?k=a b=c'ø100%").normal).toBe('x://y?k=a+b%3Dc%27%C3%B8100%25')
  })

  it('decodes values: + is a blank, %XX a byte, a lone % itself', () => {
    expect(value('k=0%200%20*')).toEqual(['0 0 *'])
    expect(value('k=a+b')).toEqual(['a b'])
    expect(value('k=100%')).toEqual(['100%'])
    expect(value('k=50%zz')).toEqual(['50%zz'])
    expect(value('k=%C3%B8')).toEqual(['ø'])
    expect(value('%6b=1')).toEqual(['1'])
  })

  it('gives RAW values as they stand, with &, +, ? and either bracket inside', () => {
    expect(value('k=RAW(++?)w&rd)')).toEqual(['++?)w&rd'])
    expect(value('k=RAW{a)b&c=%41(}')).toEqual(['a)b&c=%41('])
    expect(value('k=RAW(a}b)&l=2', 'l')).toEqual(['2'])
    expect(value('k=RAW()')).toEqual([''])
  })

  it('takes the first closing bracket before & or the end for the end of a RAW', () => {
    expect([...parseUri('x:y?k=RAW(a))&l=RAW{b}').parameters]).toEqual([
      ['k', ['a)']],
      ['l', ['b']],
    ])
  })

  it('encodes @ in user and password, except the last before the host', () => {
    expect(parseUri('ftp://me@x:p@w@host/a@b').normal).toBe('ftp://me%40x:p%40w@host/a@b')
    expect(parseUri('ftp://me@x:p@w@host/a').path).toBe('me@x:p@w@host/a')
    expect(parseUri('ftp://me:p%2Fw@host/a').normal).toBe('ftp://me:p%2Fw@host/a')
    expect(parseUri('ftp://me@host').normal).toBe('ftp://me@host')
  })

  it('takes a missing value for an empty one', () => {
    expect(value('k')).toEqual([''])
    expect(value('k=')).toEqual([''])
    expect(parseUri('x:y?').normal).toBe('x://y')
  })

  it('may be broken over lines', () => {
    const uri = parseUri(`timer:tick
        ?period=5s
        &delay=1s`)
    expect(uri.normal).toBe('timer://tick?delay=1s&period=5s')
  })

  it('keeps the rest as written, for components that wrap another', () => {
    const uri = parseUri('master:ns:ftp://me:x@host?password=RAW(a&b)&b=1')
    expect(uri.rest).toBe('ns:ftp://me:x@host?password=RAW(a&b)&b=1')
    expect(uri.masked).not.toMatch(/a&b|a%26b|:x@/)
  })

  it.each([
    ['', /has no scheme/],
    ['tick', /has no scheme: write scheme:path/],
    ['timer:x?a=1&', /ends in &/],
    ['timer:x?a=1&&b=2', /has a double &&/],
    ['timer:x?&a=1', /has an & right after the \?/],
    ['timer:x?=1', /has a value without a name/],
    ['timer:x?a=RAW(1', /opens a RAW for a that is not closed/],
  ])('refuses %j', (text, message) => {
    expect(thrownBy(() => parseUri(text))).toMatchObject({
      code: 'DROMEDARY_INVALID_URI',
      message: expect.stringMatching(message),
    })
  })

  it('allows && inside RAW', () => {
    expect(value('k=RAW(a&&b)')).toEqual(['a&&b'])
  })

  it('never shows secrets in an error', () => {
    const error = thrownBy(() => parseUri('ftp://me:hunter2@host?password=RAW(hunter2&hunter2)&secretKey=hunter2&&'))
    expect(error.message).not.toContain('hunter2')
  })

  it('reads its own normal form as the same endpoint, whatever the text', () => {
    const words = nastyText()
    fc.assert(
      fc.property(words, fc.array(fc.tuple(fc.string({ minLength: 1 }), words), { maxLength: 4 }), (path, pairs) => {
        const query = pairs.map(([key, text]) => `${formEncode(key)}=${formEncode(text)}`).join('&')
        const uri = parseUri(`x:p${path.replaceAll('?', '')}${query && `?${query}`}`)
        const again = parseUri(uri.normal)
        expect(again.normal).toBe(uri.normal)
        expect(again.path).toBe(uri.path)
        expect(again.parameters.size).toBe(uri.parameters.size)
        for (const [key, values] of uri.parameters) expect(again.parameters.get(key)).toEqual(values)
      }),
    )
  })
})
