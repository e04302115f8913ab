import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { oneAtATime } from '../build-lock.ts'
import { cacheFolder, cacheKey, type Environment } from '../cache.ts'
import { type Report, toStderr } from '../report.ts'
import { runToEnd } from '../run-to-end.ts'

const PROGRAM = fileURLToPath(new URL('../../kube-apiserver', import.meta.url))
const FILES = ['main.go', 'go.mod', 'go.sum'].map(name => join(PROGRAM, name))

const FLAGS = ['-trimpath', '-ldflags=-s -w -X k8s.io/component-base/version.gitVersion=v1.37.2']
const SETTINGS = { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-p=2 -buildvcs=false' }

/** How often a build says that it is still at it, milliseconds. */
const REPORT = 15_000

const EXPECTED = 'about 10 minutes on two cores, once'

/** What a failed build is quoted with. */
const MOST_OUTPUT = 3_000

/** Where the binary is, or will be: another file for each content of its sources and for each platform. */
export function binaryFile(env: Environment = process.env): string {
  const key = cacheKey(FILES, [FLAGS, SETTINGS, process.platform, process.arch])
  return join(cacheFolder(env), `kube-apiserver-${key}`)
}

/** The binary with kube-apiserver and etcd; built if it is not in the cache, and then only by one process at a time. */
export async function buildBinary(env: Environment = process.env, report: Report = toStderr): Promise<string> {
  const file = binaryFile(env)
  if (existsSync(file)) return file
  mkdirSync(cacheFolder(env), { recursive: true })
  await oneAtATime(
    `${file}.lock`,
    () => report(`kube-apiserver: another process builds it (${EXPECTED}), waiting for that`),
    async () => {
      if (!existsSync(file)) await build(file, env, report)
    },
  )
  return file
}

async function build(file: string, env: Environment, report: Report): Promise<void> {
  const started = performance.now()
  const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`
  const unfinished = `${file}.${process.pid}`
  report(`kube-apiserver: building ${file} (${EXPECTED})`)
  const reporting = setInterval(() => report(`kube-apiserver: building for ${elapsed()} now (${EXPECTED})`), REPORT)
  try {
    await goBuild(unfinished, env)
    renameSync(unfinished, file)
    report(`kube-apiserver: built in ${elapsed()}`)
  } finally {
    clearInterval(reporting)
    rmSync(unfinished, { force: true })
  }
}

async function goBuild(output: string, env: Environment): Promise<void> {
  try {
    const args = ['build', ...FLAGS, '-o', output, '.']
    const { code, stderr } = await runToEnd('go', args, { cwd: PROGRAM, env: { ...env, ...SETTINGS } })
    if (code !== 0) throw new Error(`go build ended with ${code}: ${stderr.slice(-MOST_OUTPUT).trim()}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error('there is no go on the PATH to build kube-apiserver: install Go 1.26, or set KUBEBUILDER_ASSETS')
  }
}
