import { fileURLToPath } from 'node:url'
import { maskSecrets } from '@dromedary/core'
import { DeployError } from './error.ts'
import { run } from './run.ts'

/** The root of the repository: the image is made of its packages, too. */
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const DOCKERFILE = 'examples/leader-election/Dockerfile'
const BUILDERS = ['docker', 'podman'] as const

/** Builds the image and pushes it. `DEPLOY_NO_BUILDER`, `DEPLOY_BUILD`. */
export async function buildAndPush(image: string): Promise<void> {
  const builder = await findBuilder(image)
  await must(builder, ['build', '--tag', image, '--file', DOCKERFILE, '.'])
  await must(builder, ['push', image])
}

/** The first that is installed and has something behind it: a client without a daemon builds nothing. */
async function findBuilder(image: string): Promise<string> {
  const reasons: string[] = []
  for (const builder of BUILDERS) {
    const { code, stdout, stderr } = await run(builder, ['info'])
    if (code === 0) return builder
    reasons.push(code === 127 ? `${builder} is not installed` : `${builder} says: ${lastLine(stderr || stdout)}`)
  }
  const [builder] = BUILDERS
  throw new DeployError(
    'DEPLOY_NO_BUILDER',
    `nothing here builds an image (${reasons.join('; ')}). Where something does, in the folder of the repository: ${builder} build --tag ${image} --file ${DOCKERFILE} . && ${builder} push ${image}; then this command without --build`,
  )
}

async function must(builder: string, args: readonly string[]): Promise<void> {
  process.stdout.write(`$ ${builder} ${args.join(' ')}\n`)
  const { code, stderr } = await run(builder, args, { cwd: ROOT, shown: ['stdout', 'stderr'] })
  if (code !== 0) {
    throw new DeployError('DEPLOY_BUILD', `${builder} ${args[0]} ended with ${code}: ${lastLine(stderr)}`)
  }
}

const lastLine = (text: string) => maskSecrets(text.trim().split('\n').at(-1) || 'nothing')
