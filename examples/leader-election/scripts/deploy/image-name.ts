import { DeployError } from './error.ts'

const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\d+)?$/
const PATH = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^sha256:[0-9a-f]{64}$/

/**
 * Refuses what is no reference to an image, by the grammar of registries, and what has neither tag nor digest: that would mean
 * `latest`, and another image tomorrow. A reference that may carry a password is not repeated.
 */
export function checkImage(reference: string): void {
  const [withTag = '', digest, ...more] = reference.split('@')
  if (more.length > 0 || reference.includes('://') || (digest !== undefined && !DIGEST.test(digest))) {
    throw wrong('this is neither host/path:tag nor host/path@sha256:digest; credentials belong into docker login')
  }
  const at = withTag.lastIndexOf(':')
  const tag = at > withTag.lastIndexOf('/') ? withTag.slice(at + 1) : undefined
  const name = tag === undefined ? withTag : withTag.slice(0, at)
  if (!isName(name)) throw wrong(`${JSON.stringify(name)} is no name of an image: lower-case parts between slashes`)
  if (tag !== undefined && !TAG.test(tag)) throw wrong(`${JSON.stringify(tag)} is no tag`)
  if (tag === undefined && digest === undefined) {
    throw wrong(
      `${JSON.stringify(name)} has no tag: say which one, such as ${name}:1.0, so that it is the same one tomorrow`,
    )
  }
}

/** The first part is a host if it looks like one. */
function isName(name: string): boolean {
  const parts = name.split('/')
  const [first = ''] = parts
  const hasHost = parts.length > 1 && (/[.:A-Z]/.test(first) || first === 'localhost')
  const port = Number(hasHost ? (first.split(':')[1] ?? 0) : 0)
  return (
    (!hasHost || (HOST.test(first) && port <= 65_535)) &&
    parts.slice(hasHost ? 1 : 0).every(part => PATH.test(part)) &&
    name.length <= 255
  )
}

const wrong = (message: string) => new DeployError('DEPLOY_USAGE', `--image: ${message}`)
