import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, type Tarballs } from '../../scripts/built-form.ts'
import { must, ROOT } from '../../scripts/run.ts'
import { spread } from './arithmetic.ts'
import type { Measurement } from './measurement.ts'

const FILES = 4
const ROUTES_PER_FILE = 50

/** How long the compiler takes for 200 routes of 15 verbs, in a project that has the packages installed. */
export async function types(tarballs: Tarballs, quick: boolean): Promise<Measurement> {
  using installed = await install(tarballs, ['@dromedary/core', '@dromedary/timer', '@dromedary/master'])
  const { folder } = installed
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project()))
  const times = { typed: [] as number[], plain: [] as number[] }
  for (let round = quick ? 0 : -1; round < (quick ? 1 : 5); round++) {
    for (const form of ['typed', 'plain'] as const) {
      for (let i = 0; i < FILES; i++) writeFileSync(join(folder, `routes-${i}.ts`), file(form, i))
      const start = performance.now()
      await must('tsc', ['-p', '.', '--noEmit'], { cwd: folder })
      if (round >= 0) times[form].push((performance.now() - start) / 1000)
    }
  }
  const typed = spread(times.typed)
  const plain = spread(times.plain)
  const text = (of: typeof typed) => `${of.median.toFixed(2)} s (${of.min.toFixed(2)}–${of.max.toFixed(2)})`
  return {
    name: 'types',
    line: `types ${FILES * ROUTES_PER_FILE} routes of 15 verbs: URIs checked ${text(typed)}, any string ${text(plain)}`,
    figures: { typedSeconds: typed.median, plainSeconds: plain.median },
  }
}

function project(): object {
  return {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    },
    include: ['routes-*.ts'],
  }
}

function file(form: 'typed' | 'plain', at: number): string {
  const head =
    form === 'plain'
      ? "import { from } from '@dromedary/core'\n"
      : `import { log, routes } from '@dromedary/core'
import { master } from '@dromedary/master'
import { timer } from '@dromedary/timer'

const { from } = routes({ timer, master, log })
`
  const all = Array.from({ length: ROUTES_PER_FILE }, (_, i) => route(`f${at}r${i}`, i))
  return `${head}\nexport const all = [\n${all.join('')}]\n`
}

/** Fifteen verbs, no two routes alike. */
const route = (
  id: string,
  i: number,
) => `  from('master:ns${i}:timer:${id}?period=${i + 1}s&delay=${i}&repeatCount=${i + 1}')
    .routeId('${id}')
    .setBody(() => 'text ${i}')
    .setHeader('kind', '\${body}')
    .setHeader('n', exchange => exchange.body.length)
    .setProperty('p${i}', 'x')
    .filter("\${header.kind} contains 'x'")
    .transform(exchange => ({ text: exchange.body, i: ${i} }))
    .process(exchange => exchange.body)
    .end()
    .choice()
    .when("\${header.kind} == 'a${i}'")
    .setBody(() => ${i})
    .log('a \${body}')
    .otherwise()
    .setHeader('other', 'y')
    .end()
    .removeHeader('kind')
    .to('log:done${i}?level=DEBUG&showHeaders=true')
    .log('done \${body}'),
`
