import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { binaryFile, buildBinary } from '../src/kubernetes/binary.ts'
import { kubectlBinary } from '../src/kubernetes/kubectl.ts'
import { findSource } from '../src/kubernetes/source.ts'
import { temporaryFolder } from './support/folder.ts'

/** An environment with a cache of its own, and with a `go` that does as told; `$OUTPUT` is the file to make. */
function environment(script?: string) {
  const folder = temporaryFolder()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  if (script !== undefined) {
    const find = 'for argument; do test "$previous" = -o && OUTPUT=$argument; previous=$argument; done'
    writeFileSync(join(bin, 'go'), `#!/bin/sh\n${find}\n${script}\n`)
    chmodSync(join(bin, 'go'), 0o755)
  }
  const path = script === undefined ? bin : [bin, '/bin', '/usr/bin'].join(delimiter)
  return { folder, DROMEDARY_CACHE: join(folder, 'cache'), PATH: path }
}

it('is built once, also if two want it at the same time', async () => {
  const { folder, ...env } = environment(`echo "$CGO_ENABLED $GOTOOLCHAIN $*" >> ../calls; echo binary > "$OUTPUT"`)
  const calls = join(folder, 'calls')
  const logging = { ...env, CALLS: calls }
  const script = readFileSync(join(folder, 'bin/go'), 'utf8').replace('../calls', '"$CALLS"')
  writeFileSync(join(folder, 'bin/go'), script)
  const files = await Promise.all([buildBinary(logging, vi.fn()), buildBinary(logging, vi.fn())])
  expect(new Set(files)).toEqual(new Set([binaryFile(env)]))
  expect(await buildBinary(logging, vi.fn())).toBe(binaryFile(env))
  const lines = readFileSync(calls, 'utf8').trim().split('\n')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^0 local build -trimpath -ldflags=-s -w -X \S+=v1\.37\.2 -o \S+ \.$/)
  expect(readdirSync(env.DROMEDARY_CACHE)).toEqual([basename(binaryFile(env))])
})

it('says that it takes long', async () => {
  const { folder: _, ...env } = environment('echo binary > "$OUTPUT"')
  const report = vi.fn()
  await buildBinary(env, report)
  expect(report.mock.calls.flat().join('\n')).toMatch(
    /building .*about 10 minutes on two cores, once.*\n.*built in 0 s/,
  )
})

it('says what go said when it fails, and leaves nothing behind', async () => {
  const { folder: _, ...env } = environment('echo half > "$OUTPUT"; echo no such module >&2; exit 3')
  await expect(buildBinary(env, vi.fn())).rejects.toThrow(/^go build ended with 3: no such module$/)
  expect(readdirSync(env.DROMEDARY_CACHE)).toEqual([])
})

it('says in one line that there is no go', async () => {
  const { folder: _, ...env } = environment()
  await expect(buildBinary(env, vi.fn())).rejects.toThrow(/^there is no go on the PATH .*KUBEBUILDER_ASSETS$/)
})

it('comes from KUBECONFIG, from KUBEBUILDER_ASSETS, from the cache, from go, or from nowhere', async () => {
  const { folder: _, ...env } = environment('echo binary > "$OUTPUT"')
  const assets = { ...env, KUBEBUILDER_ASSETS: '/assets' }
  expect(findSource({ ...assets, KUBECONFIG: `${delimiter}/a${delimiter}/b` })).toEqual({
    kind: 'kubeconfig',
    file: '/a',
  })
  expect(findSource({ ...assets, KUBECONFIG: '' })).toEqual({ kind: 'assets', folder: '/assets' })
  expect(findSource(env)).toEqual({ kind: 'built' })
  const nothing = { ...env, PATH: '/nowhere' }
  expect(findSource(nothing)).toMatchObject({ kind: 'none', why: expect.stringContaining('KUBECONFIG') })
  await buildBinary(env, vi.fn())
  expect(findSource(nothing)).toEqual({ kind: 'built' })
})

it('kubectl comes from KUBEBUILDER_ASSETS, from go, from the cache, or from the PATH', async () => {
  const { folder, ...env } = environment('echo binary > "$OUTPUT"')
  const program = (name: string) => {
    writeFileSync(join(folder, name), '')
    chmodSync(join(folder, name), 0o755)
    return join(folder, name)
  }
  const onThePath = program('kubectl')
  const offline = { ...env, PATH: folder }
  expect(await kubectlBinary(offline, vi.fn())).toBe('kubectl')
  const assets = { ...env, KUBEBUILDER_ASSETS: folder }
  expect(await kubectlBinary(assets, vi.fn())).toBe(onThePath)
  const built = await kubectlBinary({ ...env, KUBEBUILDER_ASSETS: join(folder, 'none') }, vi.fn())
  expect(built).toMatch(/\/cache\/kubectl-[0-9a-f]{16}$/)
  expect(readFileSync(built, 'utf8')).toBe('binary\n')
  expect(await kubectlBinary(offline, vi.fn())).toBe(built)
  await expect(kubectlBinary({ DROMEDARY_CACHE: folder, PATH: '/nowhere' }, vi.fn())).rejects.toThrow(
    /^there is no go on the PATH to build kubectl: .*put a kubectl on the PATH$/,
  )
})
