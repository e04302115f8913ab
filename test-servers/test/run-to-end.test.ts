import { expect, it } from 'vitest'
import { runToEnd } from '../src/run-to-end.ts'

const node = (script: string, options?: Parameters<typeof runToEnd>[2]) =>
  runToEnd(process.execPath, ['-e', script], options)

it('gives back what was said, and the exit code whatever it is', async () => {
  expect(await node('console.log(1); console.error(2); process.exit(3)')).toEqual({
    code: 3,
    stdout: '1\n',
    stderr: '2\n',
  })
})

it('hands over input, also to those who do not read it', async () => {
  expect((await node('process.stdin.pipe(process.stdout)', { input: 'said' })).stdout).toBe('said')
  expect((await node('process.exit()', { input: 'x'.repeat(1 << 20) })).code).toBe(0)
})

it('runs in the folder and the environment that it is told', async () => {
  const { stdout } = await node('console.log(process.cwd(), process.env.A)', { cwd: '/', env: { A: 'b' } })
  expect(stdout).toBe('/ b\n')
})

it('kills what takes too long', async () => {
  expect(await node('setInterval(() => {}, 1000)', { within: 50 })).toMatchObject({ code: null })
})

it('kills what is not wanted any more, and rejects', async () => {
  const signal = AbortSignal.timeout(50)
  await expect(node('setInterval(() => {}, 1000)', { signal })).rejects.toMatchObject({ name: 'AbortError' })
})

it('rejects what is not there', async () => {
  await expect(runToEnd('/nowhere/program', [])).rejects.toMatchObject({ code: 'ENOENT' })
})
