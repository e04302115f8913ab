import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../cache.ts'
import { onPath } from '../on-path.ts'
import type { Report } from '../report.ts'
import { buildProgram, type GoProgram, programFile } from './go-program.ts'

const KUBECTL: GoProgram = {
  name: 'kubectl',
  expected: 'half a minute on two cores where the API server was built before, once',
  instead: 'put a kubectl on the PATH',
}

/**
 * A real kubectl for tests: the one in `KUBEBUILDER_ASSETS`, else our own binary of the server's version, which is built if
 * need be, else whatever kubectl is on the PATH. Rejects where there is none of them.
 */
export async function kubectlBinary(env: Environment = process.env, report?: Report): Promise<string> {
  const assets = env['KUBEBUILDER_ASSETS']
  if (assets && existsSync(join(assets, 'kubectl'))) return join(assets, 'kubectl')
  if (!existsSync(programFile(KUBECTL, env)) && !onPath('go', env) && onPath('kubectl', env)) return 'kubectl'
  return buildProgram(KUBECTL, env, report)
}
