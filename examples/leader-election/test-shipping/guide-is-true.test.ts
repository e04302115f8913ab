import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnMember } from '@dromedary/testing/harness'
import { expect, inject, it } from 'vitest'
import { must, ROOT } from '../../../scripts/run.ts'
import { temporaryFolder } from '../test/members.ts'

const built = inject('built')
const guide = readFileSync(join(ROOT, 'docs/guide/packaging.md'), 'utf8')

/** A project as somebody else has it: packages from a registry, one source. */
const MAIN = `import { from } from '@dromedary/core'
import { runApplication } from '@dromedary/main'
import { timer } from '@dromedary/timer'

await runApplication({
  name: 'mine',
  module: import.meta.url,
  components: [timer],
  routes: [from('timer:tick?period=1s').routeId('tick').log('Hello from {{node.id}}')],
})
`

it('its commands make an executable of a project of one’s own', async test => {
  const folder = temporaryFolder(test)
  cpSync(join(built.fileApp, 'node_modules'), join(folder, 'node_modules'), { recursive: true })
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/main.ts'), MAIN)
  const [, commands = ''] = /```sh[^\n]*\n(esbuild [\s\S]*?)```/.exec(guide) ?? []
  expect(commands).toContain('--build-sea')
  await must('sh', ['-ec', commands], { cwd: folder })
  await using member = await spawnMember({ command: join(folder, 'application'), args: ['--set', 'node.id=n1'] })
  await member.waitForLine('Hello from n1')
  expect(await member.stop()).toMatchObject({ code: 0 })
})
