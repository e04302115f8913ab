import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { frameOf } from '../src/dev/code-frame.ts'
import { ofFrame, placeOf } from '../src/dev/place.ts'
import { temporaryFolder } from './support.ts'

const nothing = { learned: () => {}, lastRead: undefined, missing: undefined }

function errorWith(stack: string, cause?: unknown): Error {
  const error = new Error('', { cause })
  error.stack = stack
  return error
}

function written(text: string): { file: string; url: string } {
  const file = join(temporaryFolder(), 'routes.ts')
  writeFileSync(file, text)
  return { file, url: pathToFileURL(file).href }
}

it.each([
  [
    'under the mark',
    'file:///app/a.ts?dromedary=3:2\nimport { nix } from "./b.ts"\n         ^^^\nSyntaxError: …',
    2,
    10,
  ],
  [
    'under the mark, some lines further down',
    'file:///app/a.ts:2\nconst a = 1\nenum X { A }\n^^^^\n\nSyntaxError: …',
    2,
    1,
  ],
  ['at the end of a line where something is missing', 'file:///app/a.ts:2\nconst b = (2\n\nSyntaxError: …', 2, 13],
  [
    'in the first frame of the project',
    'TypeError: …\n    at f (file:///lib/x.js:1:2)\n    at file:///app/a.ts?dromedary=1:7:5\n    at file:///app/b.ts:1:1',
    7,
    5,
  ],
  [
    'in a CommonJS module, which has a path',
    'TypeError: …\n    at Object.<anonymous> (/app/a.ts:8:6)\n    at file:///app/b.ts:1:1',
    8,
    6,
  ],
] as const)('the place is %s', async (_, stack, line, column) => {
  const isOurs = (url: string) => url.startsWith('file:///app/')
  expect(await placeOf(errorWith(stack), isOurs, nothing)).toMatchObject({ file: '/app/a.ts', line, column })
  expect(await placeOf(errorWith('Error: outer', errorWith(stack)), isOurs, nothing)).toMatchObject({
    file: '/app/a.ts',
    line,
    column,
  })
})

it('what only JavaScript refuses is placed by compiling it once more', async () => {
  const { file, url } = written('const a: number = 1\nexport const b = 2; const a = 3\n')
  const error = errorWith(
    "SyntaxError: Identifier 'a' has already been declared\n    at compileSourceTextModule (node:internal…)",
  )
  expect(await placeOf(error, () => true, { ...nothing, lastRead: url })).toMatchObject({ file, line: 2, column: 27 })
})

it('an import of what is not there is placed where it stands', async () => {
  const { file, url } = written("import { a } from './a.ts'\nimport { b } from './b.ts'\n")
  const error = errorWith('Error: Cannot find module')
  const missing = { error, specifier: './b.ts', importer: url }
  expect(await placeOf(error, () => true, { ...nothing, missing })).toMatchObject({ file, line: 2, column: 19 })
})

it('a folder may have spaces and brackets in its name', async () => {
  const at =
    'Error: …\n    at new Thing (/my (app) 2/a.cjs:1:2)\n    at /my (app) 2/b.cjs:3:4\n    at f (file:///c(1)/c.ts:5:6)'
  expect(ofFrame(at, () => true)).toMatchObject({ file: '/my (app) 2/a.cjs', line: 1, column: 2 })
  expect(ofFrame(at, url => url.endsWith('/b.cjs'))).toMatchObject({ file: '/my (app) 2/b.cjs', line: 3 })
  expect(ofFrame(at, url => url === 'file:///c(1)/c.ts')).toMatchObject({ file: '/c(1)/c.ts', line: 5, column: 6 })
  expect(ofFrame('    at eval (eval at f (file:///a.ts:1:1), <anonymous>:1:1)', () => true)).toBeUndefined()
  const headline = errorWith('/my (app) 2/a.cjs:7\nconst b = )\n          ^\n\nSyntaxError: …')
  expect(await placeOf(headline, () => false, nothing)).toMatchObject({
    file: '/my (app) 2/a.cjs',
    line: 7,
    column: 11,
  })
})

it.each([
  ['{\n  "a": 1,\n  "b": x\n}', 3, 8],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
  ['{\n  "a": "unterminated\n}', 2, 21],
  ['{\n  "a": [1', 2, 10],
  ['', 1, 1],
  ['{ "a": 1,, }', 1, 10],
])('a mistake in a JSON file is placed: %j', async (text, line, column) => {
  const file = join(temporaryFolder(), 'data.json')
  writeFileSync(file, text)
  const error = (() => {
    try {
      return JSON.parse(text)
    } catch (error) {
      return Object.assign(error as Error, { message: `${file}: ${(error as Error).message}` })
    }
  })()
  expect(await placeOf(error, () => false, nothing)).toMatchObject({ file, line, column })
})

it('an error that has nothing to do with the sources has no place', async () => {
  expect(await placeOf(errorWith('Error: x\n    at f (file:///lib/x.js:1:2)'), () => false, nothing)).toBeUndefined()
  expect(await placeOf('thrown as it is', () => true, nothing)).toBeUndefined()
  expect(ofFrame('', () => true)).toBeUndefined()
})

it('the lines around a place are shown with a mark under it', () => {
  const { file } = written('one\ntwo\n\tthree\nfour\nfive\n')
  expect(frameOf({ file, line: 3, column: 2 })).toEqual([
    '  1 | one',
    '  2 | two',
    '> 3 | \tthree',
    '    | \t^',
    '  4 | four',
  ])
  expect(frameOf({ file: `${file}.gone`, line: 3, column: 2 })).toEqual([])
})

it('no line shows a secret, and the mark stands under its place all the same', () => {
  const { file } = written(
    "  tcp('h', { password: 'swordfish', perid: 1 }),\n  \"api-key\": \"swordfish\n  const token = `swordfish`; f()",
  )
  expect(frameOf({ file, line: 1, column: 37 })).toEqual([
    "> 1 |   tcp('h', { password: 'xxxxxx', perid: 1 }),",
    '    |                                  ^',
    '  2 |   "api-key": "xxxxxx',
  ])
  expect(frameOf({ file, line: 3, column: 1 })[2]).toBe('> 3 |   const token = `xxxxxx`; f()')
})
