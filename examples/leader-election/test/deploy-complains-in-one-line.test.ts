import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { parseArguments } from '../scripts/deploy/arguments.ts'
import { DeployError } from '../scripts/deploy/error.ts'
import { complaint, deploying } from './deploying.ts'
import { temporaryFolder } from './members.ts'

const IMAGE = '--image=registry.example.com/app:1'
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`

it.each<[string, string[], RegExp]>([
  ['no image', [], /--image is missing/],
  [
    'an image without a tag',
    ['--image=registry.example.com:5000/app'],
    /has no tag: say which one, such as registry\.example\.com:5000\/app:1\.0/,
  ],
  ['an empty image', ['--image='], /"" is no name of an image/],
  ['an image with upper case', ['--image=App:1'], /"App" is no name of an image/],
  [
    'a registry at no port',
    ['--image=registry.example.com:65536/app:1'],
    /"registry\.example\.com:65536\/app" is no name/,
  ],
  ['an image with an empty tag', ['--image=app:'], /"" is no tag/],
  ['a URL for an image', ['--image=https://registry.example.com/app:1'], /neither host\/path:tag nor/],
  ['a digest that is too short', ['--image=app@sha256:abc'], /neither host\/path:tag nor/],
  ['a digest to build', ['--build', `--image=app@${DIGEST}`], /--build makes an image of a tag/],
  [
    'a namespace that is no DNS label',
    [IMAGE, '--namespace', 'My_Space'],
    /--namespace "My_Space": a namespace is up to 63/,
  ],
  ['a namespace that is too long', [IMAGE, '--namespace', 'a'.repeat(64)], /a namespace is up to 63/],
  ['an empty context', [IMAGE, '--context='], /--context is empty/],
  ['no members', [IMAGE, '--replicas=0'], /--replicas "0": must be a whole number from 1 to 100/],
  ['half a member', [IMAGE, '--replicas=1.5'], /--replicas "1\.5": must be/],
  ['a timeout with a unit', [IMAGE, '--timeout=5m'], /--timeout "5m": must be/],
  ['a misspelt option', [IMAGE, '--namspace=x'], /Unknown option '--namspace'; did you mean --namespace\?/],
  ['an option without its value', ['--image'], /--image.*argument missing/],
  ['a word too many', [IMAGE, 'production'], /Unexpected argument 'production'/],
])('refuses %s', (_, args, expected) => {
  expect(() => parseArguments(args)).toThrow(expect.toSatisfy(isUsage))
  expect(() => parseArguments(args)).toThrow(expected)
})

const isUsage = (error: unknown) => error instanceof DeployError && error.code === 'DEPLOY_USAGE'

it('says so in one line, without a stack trace', { timeout: 60_000 }, async test => {
  const [misspelt, noKubectl] = await Promise.all([deploying(test, [IMAGE, '--namspace=x']), deploying(test, [IMAGE])])
  expect(await complaint(misspelt)).toMatch(/^DEPLOY_USAGE: .*--namspace/)
  expect(await complaint(noKubectl)).toMatch(/^DEPLOY_NO_KUBECTL: .* --print /)
})

it('says so when what is called kubectl is no program', { timeout: 60_000 }, async test => {
  const folder = temporaryFolder(test)
  mkdirSync(join(folder, 'kubectl'))
  expect(await complaint(await deploying(test, [IMAGE], { PATH: folder }))).toMatch(
    /^DEPLOY_NO_KUBECTL: kubectl cannot be run: .*EACCES$/,
  )
})

it('goes on when nobody reads any more', { timeout: 60_000 }, async () => {
  const script = fileURLToPath(new URL('../scripts/deploy.ts', import.meta.url))
  const child = spawn(process.execPath, [script, IMAGE, '--print'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect([said, code]).toEqual(['', 0])
})

it('never repeats a password', () => {
  for (const image of ['ann:swordfish@registry.example.com/app:1', 'https://ann:swordfish@h/app:1']) {
    expect(() => parseArguments(['--image', image])).toThrow(/^(?!.*swordfish)/)
  }
})
