import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { example, FIRED, set, temporaryFolder } from './members.ts'

it('starts where nothing can be written for the compile cache, as in a container with a read-only root', async test => {
  const members = example(test)
  // A file where the folder for temporary files should be: nobody can write below it, not even root.
  const file = join(temporaryFolder(test), 'file')
  writeFileSync(file, '')
  const member = await members.run(set(`cluster.file.root=${members.root}`), { TMPDIR: file, NODE_COMPILE_CACHE: '' })
  await member.waitForLine(FIRED)
  expect(member.lines.all.filter(({ text, stream }) => stream === 'stderr' || / (WARN|ERROR) /.test(text))).toEqual([])
})
