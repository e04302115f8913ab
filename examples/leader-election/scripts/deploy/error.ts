/** Everything that can go wrong, with the sentence that `docs/guide/kubernetes.md` has for it. */
export const DEPLOY_CODES = {
  DEPLOY_USAGE: 'An argument is unknown, missing, or not what Kubernetes or a registry would take.',
  DEPLOY_NO_KUBECTL: 'There is no kubectl on the PATH, or none that can be run.',
  DEPLOY_NO_CONTEXT: 'kubectl knows no cluster, or none of the name that `--context` gives.',
  DEPLOY_UNREACHABLE: 'The API server does not answer, or no longer.',
  DEPLOY_NO_NAMESPACE: 'The namespace does not exist.',
  DEPLOY_FORBIDDEN: 'The API server does not know who asks, or does not allow it.',
  DEPLOY_CONFLICT: 'Somebody else has set a field by hand; `--force` takes it over.',
  DEPLOY_REFUSED: 'The API server refuses a manifest.',
  DEPLOY_ROLLOUT: 'The manifests are applied, but the new pods are not all ready. The old ones go on.',
  DEPLOY_NO_BUILDER: 'Neither docker nor podman is there with something behind it that builds.',
  DEPLOY_BUILD: 'The image could not be built or pushed.',
} as const

export type DeployCode = keyof typeof DEPLOY_CODES

/** What went wrong, in one line for people. */
export class DeployError extends Error {
  readonly code: DeployCode

  constructor(code: DeployCode, message: string) {
    super(message.replaceAll(/\s*\n\s*/g, ' '))
    this.name = 'DeployError'
    this.code = code
  }
}
