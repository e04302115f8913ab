import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oneAtATime } from '../build-lock.ts'
import { cacheFolder, cacheKey, type Environment } from '../cache.ts'
import { type Report, toStderr } from '../report.ts'
import { runToEnd } from '../run-to-end.ts'

const FILES = ['main.go', 'go.mod', 'go.sum']
const FLAGS = ['-trimpath', '-ldflags=-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2']
const SETTINGS = { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-p=2 -buildvcs=false' }

/** How often a build says that it is still at it, milliseconds. */
const REPORT = 15_000

/** What a failed build is quoted with. */
const MOST_OUTPUT = 3_000

/** A program of Kubernetes that is built from its Go modules and kept in the cache. All have the same flags, and so share what Go keeps. */
export interface GoProgram {
  /** Of the folder in this package, and what the binary's name begins with. */
  readonly name: string
  /** How long a build takes, for people. */
  readonly expected: string
  /** What to do where there is no Go. */
  readonly instead: string
}

/** Where the binary is, or will be: another file for each content of its sources and for each platform. */
export function programFile({ name }: GoProgram, env: Environment = process.env): string {
  const files = FILES.map(file => join(folderOf(name), file))
  const key = cacheKey(files, [FLAGS, SETTINGS, process.platform, process.arch])
  return join(cacheFolder(env), `${name}-${key}`)
}

/** The binary; built if it is not in the cache, and then only by one process at a time. */
export async function buildProgram(
  program: GoProgram,
  env: Environment = process.env,
  report: Report = toStderr,
): Promise<string> {
  const file = programFile(program, env)
  if (existsSync(file)) return file
  mkdirSync(cacheFolder(env), { recursive: true })
  await oneAtATime(
    `${file}.lock`,
    () => report(`${program.name}: another process builds it (${program.expected}), waiting for that`),
    async () => {
      if (!existsSync(file)) await build(program, file, env, report)
    },
  )
  return file
}

async function build(program: GoProgram, file: string, env: Environment, report: Report): Promise<void> {
  const { name, expected } = program
  const started = performance.now()
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`
  const unfinished = `${file}.${process.pid}`
  report(`${name}: building ${file} (${expected})`)
  const reporting = setInterval(() => report(`${name}: building for ${elapsed()} now (${expected})`), REPORT)
  try {
    await goBuild(program, unfinished, env)
    renameSync(unfinished, file)
    report(`${name}: built in ${elapsed()}`)
  } finally {
    clearInterval(reporting)
    rmSync(unfinished, { force: true })
  }
}

async function goBuild({ name, instead }: GoProgram, output: string, env: Environment): Promise<void> {
  try {
    const args = ['build', ...FLAGS, '-o', output, '.']
    const { code, stderr } = await runToEnd('go', args, { cwd: folderOf(name), env: { ...env, ...SETTINGS } })
    if (code !== 0) throw new Error(`go build ended with ${code}: ${stderr.slice(-MOST_OUTPUT).trim()}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(`there is no go on the PATH to build ${name}: install Go 1.26, or ${instead}`)
  }
}

const folderOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
