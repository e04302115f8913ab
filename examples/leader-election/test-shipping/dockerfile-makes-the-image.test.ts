import { mkdtempSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import rootManifest from '../../../package.json' with { type: 'json' }
import { USER } from '../../../scripts/ship/image-root.ts'
import { insideOf, jailed, jailUnavailable, MEET } from '../../../scripts/ship/jail.ts'
import { FIRED, LEADS, set, temporaryFolder } from '../test/members.ts'
import { runBuildStage } from './support/build-stage.ts'
import { readDockerfile, type Stage, theOnly } from './support/dockerfile.ts'
import { groupOf } from './support/group.ts'

const [build, image] = readDockerfile(join(import.meta.dirname, '../Dockerfile')) as [Stage, Stage]

it('two stages: the first with the Node of this repository, the second with nothing but what the first has made', () => {
  expect(build).toMatchObject({ base: `node:${rootManifest.devDependencies.node}-trixie-slim`, name: 'build' })
  expect(image.base).toBe('scratch')
  expect(theOnly(image, 'COPY')).toBe('--from=build /image /')
  expect(image.instructions.map(({ name }) => name)).not.toContain('RUN')
})

it('nobody is root, and signals reach the process itself', () => {
  expect(theOnly(image, 'USER')).toBe(`${USER}:${USER}`)
  expect(theOnly(image, 'STOPSIGNAL')).toBe('SIGTERM')
  expect(JSON.parse(theOnly(image, 'ENTRYPOINT') as string)).toEqual(['/usr/local/bin/node', '/app/dist/main.js'])
  expect(theOnly(image, 'CMD')).toBeUndefined()
})

// From a copy of what git keeps, everything installed and built anew.
it.skipIf(jailUnavailable())(
  'its commands make an image that leads, and that ends at STOPSIGNAL',
  { timeout: 600_000 },
  async test => {
    const layer = mkdtempSync(join(tmpdir(), 'dromedary-layer-'))
    // A gigabyte of small files: taken away without standing still.
    test.onTestFinished(() => rm(layer, { recursive: true, force: true }), 120_000)
    const inside = await runBuildStage(build, layer)
    const root = inside('/image')
    expect(readdirSync(join(root, 'app')).sort()).toEqual([
      'LICENSE',
      'application.yaml',
      'dist',
      'node_modules',
      'package.json',
    ])
    const members = groupOf(test)
    const command = [...JSON.parse(theOnly(image, 'ENTRYPOINT') as string), ...set(`cluster.file.root=${MEET}`)]
    const member = await members.spawn(jailed(root, temporaryFolder(test), command))
    await member.waitForLine(LEADS)
    await member.waitForLine(FIRED)
    process.kill(insideOf(member), theOnly(image, 'STOPSIGNAL') as NodeJS.Signals)
    expect(await member.exited).toMatchObject({ code: 0, signal: null })
  },
)
