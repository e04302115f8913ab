import { advice } from './deploy/advice.ts'
import { type Arguments, parseArguments, USAGE } from './deploy/arguments.ts'
import { DeployError } from './deploy/error.ts'
import { buildAndPush } from './deploy/image.ts'
import { apply, findTarget, reach, rolledOut, type Target } from './deploy/kubectl.ts'
import { renderManifests, toYaml } from './deploy/manifests.ts'

const NAME = 'leader-election'

// Whoever read this may have gone, such as `head`: what was begun is finished all the same.
process.stdout.on('error', () => {})

try {
  const options = parseArguments(process.argv.slice(2))
  if (options === undefined) process.stdout.write(USAGE)
  else if (options.print) process.stdout.write(toYaml(renderManifests(options)))
  else await deploy(options)
} catch (error) {
  if (!(error instanceof DeployError)) throw error
  process.stderr.write(`${error.code}: ${error.message}\n`)
  process.exitCode = 1
}

/** Nothing is built before the cluster has answered, and nothing is stored before the server has accepted everything. */
async function deploy(options: Arguments): Promise<void> {
  const { image, replicas, build, dryRun, force } = options
  const target = await findTarget(options.context, options.namespace)
  await reach(target)
  process.stdout.write(`${image} to ${placeOf(target)}, ${replicas === 1 ? '1 member' : `${replicas} members`}\n`)
  const manifests = renderManifests({ image, replicas, namespace: target.namespace })
  // Who may not bind every role needs one that is there already, which a dry run makes not.
  const checked = manifests.filter(({ kind }) => kind !== 'RoleBinding')
  await apply(toYaml(checked), target, { force, dryRun: true, shown: dryRun })
  if (dryRun) return
  if (build) await buildAndPush(image)
  await apply(toYaml(manifests), target, { force, dryRun: false, shown: true })
  await rolledOut(NAME, target, options.timeout)
  process.stdout.write(`\nDone. Next:\n${advice(NAME, target)}`)
}

function placeOf({ context, namespace }: Target): string {
  return `the namespace ${namespace} of ${context === undefined ? "this pod's cluster" : `the context ${context}`}`
}
