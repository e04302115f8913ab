import { fileURLToPath } from 'node:url'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import { expect, type TestContext } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../scripts/deploy.ts', import.meta.url))
/** Nothing of the machine that tests run on: neither its kubectl nor its clusters. */
const NOTHING = {
  PATH: '/nowhere',
  HOME: '/nowhere',
  KUBECONFIG: undefined,
  KUBERNETES_SERVICE_HOST: undefined,
  DOCKER_HOST: undefined,
}

/** The command that deploys, in an environment of its own; ended after the test. */
export async function deploying(
  test: Pick<TestContext, 'onTestFinished'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<MemberProcess> {
  const group = new MemberGroup({ script: SCRIPT, env: NOTHING })
  test.onTestFinished(() => group[Symbol.asyncDispose]())
  return group.spawn({ args: [...args], env })
}

/** Everything that it printed on one of the two, once it has ended. */
export const printed = ({ lines }: MemberProcess, stream: 'stdout' | 'stderr'): string =>
  lines.all.flatMap(line => (line.stream === stream ? [line.text] : [])).join('\n')

/** The one line with which it failed; exit code 1. */
export async function complaint(command: MemberProcess): Promise<string> {
  const { code } = await command.exited
  const line = printed(command, 'stderr')
  expect({ code, line }).toEqual({ code: 1, line: expect.stringMatching(/^DEPLOY_[A-Z_]+: [^\n]+$/) })
  return line
}
