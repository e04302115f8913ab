import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE, type Tools } from './tools.ts'

/** A command in a project, with the environment that it needs besides. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** How one package manager installs a project and runs a script in it. */
export interface Manager {
  readonly name: string
  /** From what is kept on this machine, as far as it goes. */
  install(tools: Tools): Command
  run(tools: Tools, script: string): Command
  /** Whether packages lie in `node_modules`, where the compiler finds their types. */
  readonly hasFolders: boolean
  /** Where its lockfile is kept from run to run: without one yarn 4 asks the registry, whatever it has in its cache. */
  readonly lockfile?: string
  /** What would pile up in its cache: our own tarballs, which differ from run to run. */
  readonly forget: readonly string[]
}

const YARN_1 = join(CACHE, 'yarn-1')
const YARN_4 = join(CACHE, 'yarn-4')
const yarn4 = {
  YARN_GLOBAL_FOLDER: YARN_4,
  YARN_ENABLE_TELEMETRY: '0',
  // On a build server yarn would otherwise refuse to write its first lockfile.
  YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
  ...(process.env['npm_config_registry'] && { YARN_NPM_REGISTRY_SERVER: process.env['npm_config_registry'] }),
}
const plainly = (_: Tools, script: string): Command => ({ command: 'node', args: [script] })

export const managers: readonly Manager[] = [
  {
    name: 'npm',
    install: tools => ({
      command: 'node',
      args: [tools.file('npm', 'bin/npm-cli.js'), 'install', '--prefer-offline', '--no-audit', '--no-fund'],
    }),
    run: plainly,
    hasFolders: true,
    forget: [],
  },
  {
    name: 'pnpm',
    install: tools => ({
      command: tools.file('pnpm', 'pnpm'),
      args: ['install', '--prefer-offline', '--no-frozen-lockfile'],
    }),
    run: plainly,
    hasFolders: true,
    forget: [],
  },
  {
    name: 'yarn 1',
    install: tools => ({
      command: 'node',
      args: [
        ...[tools.file('yarn-1', 'bin/yarn.js'), 'install', '--prefer-offline', '--non-interactive'],
        ...['--no-progress', '--cache-folder', YARN_1],
      ],
    }),
    run: plainly,
    hasFolders: true,
    forget: ['v*/npm-@dromedary-*', 'v*/.tmp'].map(pattern => join(YARN_1, pattern)),
  },
  {
    name: 'yarn 4 (PnP)',
    install: tools => ({ command: 'node', args: [tools.file('yarn-4', 'bin/yarn.js'), 'install'], env: yarn4 }),
    run: (tools, script) => ({
      command: 'node',
      args: [tools.file('yarn-4', 'bin/yarn.js'), 'node', script],
      env: yarn4,
    }),
    hasFolders: false,
    lockfile: join(YARN_4, 'yarn.lock'),
    forget: ['cache/@dromedary-*'].map(pattern => join(YARN_4, pattern)),
  },
]

/** Takes our own tarballs out of the caches again. */
export function forget({ forget: patterns }: Manager): void {
  for (const path of patterns.flatMap(pattern => globSync(pattern))) rmSync(path, { recursive: true, force: true })
}
