import { existsSync, globSync, lstatSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, inject, it } from 'vitest'
import { must } from '../../../scripts/run.ts'
import { lockedVersions } from '../../../scripts/ship/locked.ts'
import { sizeOnDisk } from '../../../scripts/ship/size.ts'
import { LEADS, set, temporaryFolder } from '../test/members.ts'
import { groupOf } from './support/group.ts'

const built = inject('built')
const EXAMPLE = join(import.meta.dirname, '..')
const SHIP = join(EXAMPLE, '../../scripts/ship/main.ts')

it('with the file service an application folder takes at most 30 MB, with Kubernetes 100 MB', () => {
  expect(sizeOnDisk(built.fileApp)).toBeLessThan(30)
  expect(sizeOnDisk(built.app)).toBeLessThan(100)
  // And it is measured: a folder of libraries is never this small.
  expect(sizeOnDisk(built.fileApp)).toBeGreaterThan(5)
  expect(sizeOnDisk(built.app)).toBeGreaterThan(sizeOnDisk(built.fileApp) + 10)
})

it('holds plain files, what runs and nothing for compilers, and no path of the machine that built it', () => {
  const all = globSync('**', { cwd: built.app, withFileTypes: true })
  expect(all.filter(entry => entry.isSymbolicLink())).toEqual([])
  expect(all.filter(({ name }) => /\.([cm]?ts|map)$/.test(name))).toEqual([])
  expect(globSync('*.{yaml,json}', { cwd: built.app }).sort()).toEqual(['application.yaml', 'package.json'])
  expect(globSync('*', { cwd: join(built.app, 'dist') }).sort()).toEqual([
    'application.js',
    'main.js',
    'routes.js',
    'typed-routes.js',
  ])
  expect(lstatSync(built.app).mode & 0o777).toBe(0o755)
  for (const name of ['typescript', 'esbuild', '@dromedary/testing', '@dromedary/cluster-kubernetes']) {
    const there = name === '@dromedary/cluster-kubernetes'
    expect([name, existsSync(join(built.app, 'node_modules', name))]).toEqual([name, there])
    expect([name, existsSync(join(built.fileApp, 'node_modules', name))]).toEqual([name, false])
  }
})

it('holds the versions that this repository was tested with', () => {
  const locked = lockedVersions()
  expect(Object.keys(locked).length).toBeGreaterThan(100)
  const versionOf = (name: string) =>
    JSON.parse(readFileSync(join(built.app, 'node_modules', name, 'package.json'), 'utf8')).version
  const names = globSync('{*,@*/*}/package.json', { cwd: join(built.app, 'node_modules') }).map(dirname)
  const shared = names.filter(name => locked[name] !== undefined)
  expect(shared.length).toBeGreaterThan(20)
  for (const name of shared) expect([name, versionOf(name)]).toEqual([name, locked[name]])
})

it('an executable is accompanied by the licences of the libraries in it', () => {
  const texts = (native: string) => readFileSync(join(dirname(native), 'LICENSES-OF-LIBRARIES'), 'utf8')
  for (const library of ['zod', 'rxjs', 'proper-lockfile']) {
    expect(texts(built.native)).toMatch(new RegExp(`^${library} \\d`, 'm'))
    expect(texts(built.fileNative)).toMatch(new RegExp(`^${library} \\d`, 'm'))
  }
  expect(texts(built.native)).toMatch(/^@kubernetes\/client-node \d/m)
  expect(texts(built.fileNative)).not.toContain('@kubernetes/client-node')
  expect(texts(built.native)).toContain('Permission is hereby granted, free of charge')
})

it.for([
  ['an application folder', [process.execPath, `${built.fileApp}/dist/main.js`]],
  ['an executable', [built.fileNative]],
] as const)(
  '%s without Kubernetes elects by files, and says in one line what it has not',
  async ([, [command, ...nodeArgs]], test) => {
    const members = groupOf(test, { command: command as string, nodeArgs })
    const member = await members.spawn({ args: set(`cluster.file.root=${temporaryFolder(test)}`) })
    await member.waitForLine(LEADS)
    const other = await members.spawn({ args: set('cluster.service=kubernetes') })
    expect(await other.exited).toMatchObject({ code: 1 })
    expect(other.lines.all).toHaveLength(1)
    expect(other.lines.all[0]?.text).toContain(
      'DROMEDARY_CONFIG: cluster.service="kubernetes": it is not installed, or was left out of this build',
    )
  },
)

it('a wrong word is one line and makes nothing', async test => {
  const out = join(temporaryFolder(test), 'app')
  const asked = must(process.execPath, [SHIP, 'app', '--cluster', 'zookeeper', '--out', out], { cwd: EXAMPLE })
  await expect(asked).rejects.toThrow('leader-election has no cluster service "zookeeper"; it has file, kubernetes')
  expect(existsSync(out)).toBe(false)
})

it('Node 22 says that it cannot', async () => {
  const floor = join(EXAMPLE, '../../node_modules/node-floor/bin/node')
  const asked = must(floor, [SHIP, 'native', '--out', '/nowhere/x'], { cwd: EXAMPLE })
  await expect(asked).rejects.toThrow(/\nthis is built by Node 26 or newer, and this is Node 22\.\d+\.\d+\n?$/)
})
