import { maskSecrets } from '@dromedary/core'
import { type DeployCode, DeployError } from './error.ts'
import { type Finished, type RunOptions, run } from './run.ts'

/** How long the server may take for its first answer, seconds. */
const FIRST_ANSWER = 10

/** Whose fields these are to the server. Never another name, or a later deployment conflicts with an earlier one. */
const FIELD_MANAGER = 'dromedary-deploy'

/** Which cluster, and where in it. */
export interface Target {
  /** Undefined in a pod, where kubectl goes by the service account. */
  readonly context: string | undefined
  readonly namespace: string
}

/** Asks kubectl which cluster and namespace are meant. `DEPLOY_NO_KUBECTL`, `DEPLOY_NO_CONTEXT`. */
export async function findTarget(context: string | undefined, namespace: string | undefined): Promise<Target> {
  const current = await kubectl(['config', 'current-context'])
  if (context === undefined && current.code !== 0) {
    if (process.env['KUBERNETES_SERVICE_HOST'] && namespace !== undefined) return { context, namespace }
    throw new DeployError(
      'DEPLOY_NO_CONTEXT',
      'kubectl knows no cluster: set KUBECONFIG, or choose one by kubectl config use-context',
    )
  }
  const name = context ?? current.stdout.trim()
  const query = [
    'config',
    'view',
    '--minify',
    '--context',
    name,
    '--output',
    'jsonpath={.contexts[0].context.namespace}',
  ]
  const found = await kubectl(query)
  if (found.code !== 0) {
    throw new DeployError(
      'DEPLOY_NO_CONTEXT',
      `kubectl has no context ${JSON.stringify(name)}; kubectl config get-contexts lists them`,
    )
  }
  return { context: name, namespace: namespace ?? (found.stdout.trim() || 'default') }
}

/** Resolves when the API server has answered. `DEPLOY_UNREACHABLE`, `DEPLOY_FORBIDDEN`. */
export async function reach(target: Target): Promise<void> {
  const limit = `--request-timeout=${FIRST_ANSWER}s`
  const { code, stderr } = await kubectl([...contextOf(target), limit, 'get', '--raw', '/version'])
  if (code === 0) return
  const reason = lastLine(stderr)
  if (REFUSALS.DEPLOY_FORBIDDEN.test(stderr)) throw new DeployError('DEPLOY_FORBIDDEN', reason)
  const whose = target.context === undefined ? 'this pod' : `the context ${JSON.stringify(target.context)}`
  throw new DeployError('DEPLOY_UNREACHABLE', `the API server of ${whose} does not answer: ${reason}`)
}

/** How manifests are applied. */
export interface ApplyOptions {
  readonly force: boolean
  readonly dryRun: boolean
  /** Whether kubectl's lines are shown. */
  readonly shown: boolean
}

/** Server-side apply of all of them. `DEPLOY_NO_NAMESPACE`, `DEPLOY_FORBIDDEN`, `DEPLOY_CONFLICT`, `DEPLOY_REFUSED`. */
export async function apply(yaml: string, target: Target, { force, dryRun, shown }: ApplyOptions): Promise<void> {
  const args = [
    ...whereOf(target),
    'apply',
    '--server-side',
    `--field-manager=${FIELD_MANAGER}`,
    ...(force ? ['--force-conflicts'] : []),
    ...(dryRun ? ['--dry-run=server'] : []),
    '--filename=-',
  ]
  const { code, stderr } = await kubectl(args, { input: yaml, shown: shown ? ['stdout'] : [] })
  if (code !== 0) throw refusal(stderr, target)
}

/** Resolves when the new pods are all ready. `DEPLOY_ROLLOUT` after `timeout` milliseconds, or when Kubernetes gives up. */
export async function rolledOut(name: string, target: Target, timeout: number): Promise<void> {
  const args = [...whereOf(target), 'rollout', 'status', `deployment/${name}`, `--timeout=${timeout / 1_000}s`]
  const { code, stderr } = await kubectl(args, { shown: ['stdout'] })
  if (code === 0) return
  throw new DeployError(
    'DEPLOY_ROLLOUT',
    `${lastLine(stderr)}; the pods say why: ${command(target, `describe pods -l app.kubernetes.io/name=${name}`)}; back to what was before: ${command(target, `rollout undo deployment/${name}`)}`,
  )
}

/** A command of kubectl as people type it, for this target. */
export const command = (target: Target, rest: string): string => ['kubectl', ...whereOf(target), rest].join(' ')

const contextOf = ({ context }: Target) => (context === undefined ? [] : ['--context', context])
const whereOf = (target: Target) => [...contextOf(target), '--namespace', target.namespace]

const REFUSALS = {
  DEPLOY_NO_NAMESPACE: /namespaces "[^"]*" not found/,
  DEPLOY_FORBIDDEN: /forbidden|unauthorized|must be logged in|asked for the client to provide credentials/i,
  DEPLOY_CONFLICT: /Apply failed with \d+ conflict|conflict with "/,
} satisfies Partial<Record<DeployCode, RegExp>>

/** The server's word, with what to do about it. */
function refusal(stderr: string, { namespace }: Target): DeployError {
  if (REFUSALS.DEPLOY_NO_NAMESPACE.test(stderr)) {
    return new DeployError(
      'DEPLOY_NO_NAMESPACE',
      `there is no namespace ${namespace}; kubectl create namespace ${namespace} makes it`,
    )
  }
  const said = stderr.replaceAll(/\s*\n\s*/g, ' ')
  if (REFUSALS.DEPLOY_CONFLICT.test(stderr)) {
    const [conflict = said] = /Apply failed with .*?(?= Please review|$)/.exec(said) ?? []
    return new DeployError('DEPLOY_CONFLICT', `${maskSecrets(conflict)}; --force takes these fields over`)
  }
  const code = REFUSALS.DEPLOY_FORBIDDEN.test(stderr) ? 'DEPLOY_FORBIDDEN' : 'DEPLOY_REFUSED'
  return new DeployError(code, firstLine(stderr))
}

const lines = (text: string) =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^(?:Warning:|[EWI]\d{4} )/.test(line))

const plain = (line = 'kubectl has not said why') => maskSecrets(line.replace(/^error: /i, ''))
const firstLine = (text: string) => plain(lines(text)[0])
const lastLine = (text: string) => plain(lines(text).at(-1))

async function kubectl(args: readonly string[], options?: RunOptions): Promise<Finished> {
  const finished = await run('kubectl', args, options)
  if (finished.code !== 127) return finished
  throw new DeployError(
    'DEPLOY_NO_KUBECTL',
    'there is no kubectl on the PATH: install it (https://kubernetes.io/docs/tasks/tools), or use --print and apply that elsewhere',
  )
}
