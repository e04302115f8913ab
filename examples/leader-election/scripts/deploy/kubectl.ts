import { maskSecrets } from '@dromedary/core'
import { type DeployCode, DeployError } from './error.ts'
import { type Finished, type RunOptions, run } from './run.ts'

/** How long the server may take for its first answer, and for each one after it, seconds. */
const FIRST_ANSWER = 10
const EACH_ANSWER = 60

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
    const reason = /current-context is not set/.test(current.stderr) ? '' : ` (${firstLine(current.stderr)})`
    throw new DeployError(
      'DEPLOY_NO_CONTEXT',
      `kubectl knows no cluster${reason}: set KUBECONFIG, or choose one by kubectl config use-context`,
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
  const { code, stderr } = await version(target)
  if (code === 0) return
  if (REFUSALS.DEPLOY_FORBIDDEN.test(stderr)) throw new DeployError('DEPLOY_FORBIDDEN', lastLine(stderr))
  throw unreachable(target, stderr)
}

const version = (target: Target) =>
  kubectl([...contextOf(target), `--request-timeout=${FIRST_ANSWER}s`, 'get', '--raw', '/version'])

/** What kubectl says when the server, or the way to it, is away. */
const UNREACHABLE =
  /unable to connect to the server|the connection to the server|connection (?:refused|reset)|no route to host|i\/o timeout|handshake timeout|client\.timeout|client connection lost|\bEOF$/im

function unreachable({ context }: Target, stderr: string, consequence?: string): DeployError {
  const whose = context === undefined ? 'this pod' : `the context ${JSON.stringify(context)}`
  const meaning = consequence === undefined ? '' : `; ${consequence}`
  return new DeployError(
    'DEPLOY_UNREACHABLE',
    `the API server of ${whose} does not answer: ${saidOf(stderr)}${meaning}`,
  )
}

/** How manifests are applied. */
export interface ApplyOptions {
  readonly force: boolean
  readonly dryRun: boolean
  /** Whether kubectl's lines are shown. */
  readonly shown: boolean
}

/** Server-side apply of all of them. `DEPLOY_UNREACHABLE`, `DEPLOY_NO_NAMESPACE`, `DEPLOY_FORBIDDEN`, `DEPLOY_CONFLICT`, `DEPLOY_REFUSED`. */
export async function apply(yaml: string, target: Target, { force, dryRun, shown }: ApplyOptions): Promise<void> {
  const args = (forced: boolean) => [
    ...whereOf(target),
    'apply',
    '--server-side',
    `--field-manager=${FIELD_MANAGER}`,
    ...(forced ? ['--force-conflicts'] : []),
    ...(dryRun ? ['--dry-run=server'] : []),
    `--request-timeout=${EACH_ANSWER}s`,
    '--filename=-',
  ]
  const attempt = (forced: boolean) => kubectl(args(forced), { input: yaml, shown: shown ? ['stdout'] : [] })
  let { code, stderr } = await attempt(force)
  if (code !== 0 && isImageAlone(stderr)) ({ code, stderr } = await attempt(true))
  if (code === 0) return
  if (UNREACHABLE.test(stderr)) {
    const stored = dryRun ? 'nothing is stored' : 'some of it may be stored; the same command again makes it whole'
    throw unreachable(target, stderr, stored)
  }
  throw refusal(stderr, target)
}

/** Resolves when the new pods are all ready. `DEPLOY_UNREACHABLE`; `DEPLOY_ROLLOUT` after `timeout` milliseconds, or when Kubernetes gives up. */
export async function rolledOut(name: string, target: Target, timeout: number): Promise<void> {
  const args = [...whereOf(target), 'rollout', 'status', `deployment/${name}`, `--timeout=${timeout / 1_000}s`]
  const { code, stderr } = await kubectl(args, { shown: ['stdout'] })
  if (code === 0) return
  // It waits on when the server has gone, and says no more than that it has waited for too long.
  const now = await version(target)
  if (now.code !== 0 && UNREACHABLE.test(now.stderr)) {
    const how = command(target, `rollout status deployment/${name}`)
    throw unreachable(target, now.stderr, `everything is stored, and how it goes on is told by ${how}`)
  }
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

/**
 * Whether all that somebody else has set is the image, as `kubectl rollout undo` does: which one shall run is what the command
 * line has just said.
 */
function isImageAlone(stderr: string): boolean {
  const image =
    /Apply failed with 1 conflict: conflict with "[^"]*"[^:]*: \.spec\.template\.spec\.containers\[name="[^"]*"\]\.image\s/
  return image.test(stderr) && stderr.match(/Apply failed/g)?.length === 1 && !/^Error from server/m.test(stderr)
}

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
/** The line that says so, wherever advice follows it. */
const saidOf = (text: string) => plain(lines(text).find(line => UNREACHABLE.test(line)) ?? lines(text).at(-1))
const lastLine = (text: string) => plain(lines(text).at(-1))

async function kubectl(args: readonly string[], options?: RunOptions): Promise<Finished> {
  const finished = await run('kubectl', args, options)
  if (finished.code === 126) throw new DeployError('DEPLOY_NO_KUBECTL', `kubectl cannot be run: ${finished.stderr}`)
  if (finished.code !== 127) return finished
  throw new DeployError(
    'DEPLOY_NO_KUBECTL',
    'there is no kubectl on the PATH: install it (https://kubernetes.io/docs/tasks/tools), or use --print and apply that elsewhere',
  )
}
