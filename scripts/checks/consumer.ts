import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, packAll } from '../built-form.ts'
import { ROOT, run } from '../run.ts'
import { publishedPackages } from '../workspace.ts'

const FLOOR = join(ROOT, 'node_modules/node-floor/bin/node')

/** What a user would write first. */
const MAIN = `import { createContext, from } from '@dromedary/core'
import { timer } from '@dromedary/timer'

const greeted = Promise.withResolvers<unknown>()
const context = createContext({
  components: [timer],
  routes: [
    from('timer:hello?delay=0&repeatCount=1').setBody('World').to('direct:greet'),
    from('direct:greet').transform('Hello \${body}').process(exchange => greeted.resolve(exchange.body)),
  ],
})
await context.start()
const greeting = await greeted.promise
await context.stop()
if (greeting !== 'Hello World') throw new Error(String(greeting))
`

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    // The published declarations themselves are looked at, not skipped.
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  },
  include: ['main.ts'],
}

/**
 * A project outside the workspace installs the tarballs, is compiled against their types, and runs on the oldest Node
 * that is promised: every entry point can be imported, and a route runs.
 */
export async function consumer(): Promise<string | undefined> {
  if (!existsSync(FLOOR)) return `there is no ${FLOOR}: install first`
  using tarballs = await packAll()
  using installed = await install(tarballs, [...tarballs.files.keys()])
  const { folder } = installed
  writeFileSync(join(folder, 'entries.js'), importOfEveryEntry())
  writeFileSync(join(folder, 'main.ts'), MAIN)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))

  const entries = await run(FLOOR, ['entries.js'], { cwd: folder })
  if (entries.code !== 0) return `importing on the oldest Node\n${entries.output}`
  const types = await run('tsc', ['-p', '.'], { cwd: folder })
  if (types.code !== 0) return `compiling against the published types\n${types.output}`
  const route = await run(FLOOR, ['main.js'], { cwd: folder })
  return route.code === 0 ? undefined : `running a route on the oldest Node\n${route.output}`
}

/** The contract suites of `testing` are left out: they need vitest, which a consumer brings himself. */
function importOfEveryEntry(): string {
  return publishedPackages()
    .flatMap(({ manifest }) => Object.keys(manifest.exports ?? {}).map(entry => manifest.name + entry.slice(1)))
    .filter(entry => !entry.endsWith('package.json') && !entry.endsWith('/contracts'))
    .map(entry => `await import('${entry}')\n`)
    .join('')
}
