import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What a user writes, and the sentence that the compiler must print at it; undefined where it must print nothing. */
const CASES: readonly (readonly [code: string, sentence?: string])[] = [
  [`from('timer:x?perid=5s')`, 'timer has no option perid; did you mean period?'],
  [`from('timer:x?preiod=5s')`, 'timer has no option preiod; did you mean period?'],
  [`from('timer:x?Period=5s')`, 'timer has no option Period; did you mean period?'],
  [`from('timer:x?zzz=5s')`, 'timer has no option zzz'],
  [`from('timer:x?period=5s&dely=1')`, 'timer has no option dely; did you mean delay?'],
  [`from('timer:x?password=RAW(a&b)c)&dely=1')`, 'timer has no option dely; did you mean delay?'],
  [`from('timer:x?password=RAW{{{pw}}}&dely=1')`, 'timer has no option dely; did you mean delay?'],
  [
    `from('timer:x?aditionalProperties.a=1')`,
    'timer has no option aditionalProperties.a; did you mean additionalProperties?',
  ],
  [`from('timer:x?period.a=1')`, 'timer has no option period.a; did you mean period?'],
  [`from('timr:x')`, 'no component has the scheme timr; did you mean timer?'],
  [`from('kafka:x')`, 'no component has the scheme kafka'],
  [`from('tick')`, 'tick has no scheme: write scheme:path'],
  [`from('timer:')`, 'timer needs a path: write timer:name'],
  [
    `from('timer:x?period=5x')`,
    'option period of timer is no duration: 5x; write milliseconds or a text such as 1m30s',
  ],
  [
    `from('timer:x?period=30s1m')`,
    'option period of timer is no duration: 30s1m; write milliseconds or a text such as 1m30s',
  ],
  [`from('timer:x?period=-5s')`, 'option period of timer is no duration: -5s; negative ones are plain milliseconds'],
  [`from('timer:x?fixedRate=yes')`, 'option fixedRate of timer must be true or false, not yes'],
  [`from('timer:x?fixedRate')`, 'option fixedRate of timer must be true or false, not '],
  [`from('timer:x?repeatCount=1.5')`, 'option repeatCount of timer must be a whole number, not 1.5'],
  [`from('timer:x?ratio=much')`, 'option ratio of timer must be a number, not much'],
  [`from('timer:x?level=TRCE')`, 'option level of timer has no value TRCE; did you mean TRACE?'],
  [`from('timer:x?pattern=inOty')`, 'option pattern of timer has no value inOty; did you mean InOut?'],
  [`from('timer:x?filter=mine')`, 'option filter of timer must name a bean: #bean:mine'],
  [`from('timer:x?period=5s&')`, 'the URI of timer ends in &'],
  [`from('timer:x?period=5s&&delay=1')`, 'the URI of timer has an option without a name, or && outside RAW()'],
  [`from('master:ns:timer:x?perid=5s')`, 'timer has no option perid; did you mean period?'],
  [
    `from('master:{{ns:a:b}}:timer:x?period=5x')`,
    'option period of timer is no duration: 5x; write milliseconds or a text such as 1m30s',
  ],
  [`from('master:a:master:b:timr:x')`, 'no component has the scheme timr; did you mean timer?'],
  [`from('master:ns')`, 'master needs a namespace and a URI: write master:namespace:uri'],
  [`from('master::timer:x')`, 'master needs a namespace and a URI: write master:namespace:uri'],
  [`from('master:ns:')`, 'master needs a namespace and a URI: write master:namespace:uri'],
  [`from('timer:x').to('timer:x?perid=5s')`, 'timer has no option perid; did you mean period?'],
  [
    `from('web:h:80?connectTimeout=soon')`,
    'option connectTimeout of web is no duration: soon; write milliseconds or a text such as 1m30s',
  ],
  ['from(`timer:x\n    ?period=5s\n    &dely=1s`)', 'timer has no option dely; did you mean delay?'],
  [`from('timer:x?period=5s')`],
  [
    `from('timer://x?period=1m30s&delay=-1&fixedRate=TRUE&repeatCount=3&ratio=0.5&level=debug&level=Off&pattern=InOut')`,
  ],
  [`from('timer:x?period={{p}}&delay={{?d}}&fixedRate={{!f}}&repeatCount={{env:N:3}}')`],
  [`from('timer:x?period={{a:{{b:1s}}}}&delay=1')`],
  [`from('timer:{{a:{{b}}?c=d}}?period=1s')`],
  [`from('timer:{{?name}}?period=1s&{{?more}}=1')`],
  [`from('timer:x?password=RAW(a&b=c)&period=1s&additionalProperties.linger.ms=5')`],
  [`from('timer:x?password=RAW{a)&b}&period=1s')`],
  [`from('timer:x?filter=#bean:mine&perio%64=x&period=%31')`],
  [`from('{{uri}}')`],
  [`from('{{scheme}}:x?perid=1')`],
  [`from('master:{{node.namespace}}:timer:clustered?period=5s')`],
  [`from('master://ns:timer://x?period=5s')`],
  [`from('web:h:80/p?anything=goes')`],
  [`from('timer:x?perid=5s' as string)`],
  ['from(`timer:${String(1)}?period=${Number(1)}s&${String(1)}=1&level=${String(1)}`)'],
  ['from(`${String(1)}:x`)'],
  ['from(`timer:x\n    ?period=5s\n    &delay=1s`)'],
  [`plain('anything:goes?perid=5s')`],
  [`from(master('ns', timer('x', { period: '5s', delay: '{{d}}', fixedRate: true, level: 'OFF', repeatCount: 3 })))`],
  [`from(timer('x')).process(exchange => { const body: null = exchange.body; return body })`],
  [`from('timer:x').process(exchange => { const body: null = exchange.body; return body })`],
  [`from('master:ns:timer:x').process(exchange => { const body: null = exchange.body; return body })`],
]
const HEAD = `import { from as plain, routes } from '${at('../src/dsl/from.ts')}'
import { master, timer, web } from '${at('./fixtures/uri-components.ts')}'
export const { from } = routes({ timer, master, web })
export { plain, master, timer, web }
`
const shown = ([code]: readonly [code: string, sentence?: string]) => code.replaceAll(/\s*\n\s*/g, '⏎')

let folder = ''
let printed: Map<number, string>

/** A line of code to each file, so that what the compiler prints belongs to one case. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dromedary-uri-'))
  await writeFile(join(folder, 'head.ts'), HEAD)
  for (const [index, [code]] of CASES.entries()) {
    await writeFile(
      join(folder, `case${index}.ts`),
      `import { from, master, plain, timer } from './head.ts'\nexport default ${code}\nexport { master, plain, timer }\n`,
    )
  }
  const types = dirname(createRequire(import.meta.url).resolve('@types/node/package.json'))
  const compilerOptions = {
    noEmit: true,
    composite: false,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    declaration: false,
    declarationMap: false,
    types: [types],
  }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: at('../../../tsconfig.base.json'), compilerOptions, include: ['*.ts'] }),
  )
  printed = byCase(await compile(folder))
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

async function compile(project: string): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly bin: { readonly tsc: string } }
  const tsc = join(dirname(manifest), bin.tsc)
  return await new Promise(resolve => {
    execFile(process.execPath, [tsc, '--pretty', 'false', '-p', project], (_, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}

function byCase(output: string): Map<number, string> {
  const errors = new Map<number, string>()
  let current = -1
  for (const line of output.split('\n')) {
    const index = /case(\d+)\.ts\(/.exec(line)?.[1]
    if (index !== undefined) current = Number(index)
    else if (!line.startsWith(' ')) current = -1
    if (line !== '') errors.set(current, `${errors.get(current) ?? ''}${line}\n`)
  }
  return errors
}

describe('the compiler', () => {
  it('finds no mistake outside the cases', () => {
    expect(printed.get(-1)).toBeUndefined()
  })

  it.each(
    CASES.map((one, index) => [shown(one), one[1], index] as const).filter(([, sentence]) => sentence !== undefined),
  )('refuses %s: %s', (_, sentence, index) => {
    expect(printed.get(index)).toContain(`is not assignable to parameter of type '"${sentence}"'`)
  })

  it.each(
    CASES.map((one, index) => [shown(one), one[1], index] as const).filter(([, sentence]) => sentence === undefined),
  )('takes %s', (_, __, index) => {
    expect(printed.get(index)).toBeUndefined()
  })
})
