import { parseArgs } from 'node:util'
import { didYouMean, maskSecrets } from '@dromedary/core'
import { DeployError } from './error.ts'
import { checkImage } from './image-name.ts'

/** What the command line says. */
export interface Arguments {
  readonly image: string
  /** Default: the namespace of kubectl's context. */
  readonly namespace: string | undefined
  /** Default: the current one. */
  readonly context: string | undefined
  readonly replicas: number
  /** Milliseconds for the roll-out. */
  readonly timeout: number
  readonly build: boolean
  /** The server checks everything and stores nothing. */
  readonly dryRun: boolean
  /** Only writes the manifests to standard output. */
  readonly print: boolean
  /** Takes over fields that somebody else has set. */
  readonly force: boolean
}

export const USAGE = `Deploys this example to Kubernetes.

  pnpm deploy:kubernetes --image REF [options]

  --image REF        what runs, with a tag or a digest: registry.example.com/leader-election:1.0
  --namespace NS     where; default: the namespace of kubectl's context
  --context NAME     which context of kubectl; default: the current one
  --replicas N       how many members; default 2, one leads and the others are warm
  --build            builds the image and pushes it first, by docker or podman
  --dry-run          lets the API server check everything; nothing is stored, built or pushed
  --print            writes the manifests to standard output; needs no cluster
  --force            takes over fields that somebody else has set by hand, such as by kubectl scale
  --timeout SECONDS  how long the new pods may take to be ready; default 600
  --help             this
`

const OPTIONS = {
  image: { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  context: { type: 'string' },
  replicas: { type: 'string', default: '2' },
  timeout: { type: 'string', default: '600' },
  build: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  print: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** A label of DNS, which is what a namespace is called by. */
const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

/** Reads the command line; undefined when it asks for help. Throws `DEPLOY_USAGE`. */
export function parseArguments(argv: readonly string[]): Arguments | undefined {
  const values = read(argv)
  if (values.help) return undefined
  const { image, namespace, context, build, print, force } = values
  if (image === undefined)
    throw usage('--image is missing: what shall run, such as registry.example.com/leader-election:1.0')
  checkImage(image)
  if (build && image.includes('@'))
    throw usage('--build makes an image of a tag; a digest names one that is there already')
  if (namespace !== undefined && !NAMESPACE.test(namespace)) {
    throw usage(
      `--namespace ${shown(namespace)}: a namespace is up to 63 of a-z, 0-9 and -, and begins and ends with a letter or a digit`,
    )
  }
  if (context === '') throw usage('--context is empty; leave it out for the current one')
  const replicas = wholeNumber('--replicas', values.replicas, 1, 100)
  const timeout = wholeNumber('--timeout', values.timeout, 1, 86_400) * 1_000
  return { image, namespace, context, replicas, timeout, build, dryRun: values['dry-run'], print, force }
}

function read(argv: readonly string[]) {
  try {
    // pnpm hands on the `--` that other package managers need.
    const args = argv[0] === '--' ? argv.slice(1) : [...argv]
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    const [, name] = /'--([\w-]+)/.exec((error as Error).message) ?? []
    const near =
      name !== undefined && !(name in OPTIONS)
        ? didYouMean(
            `--${name}`,
            Object.keys(OPTIONS).map(one => `--${one}`),
          )
        : ''
    const [sentence = ''] = (error as Error).message.split(/\.(?:\s|$)/)
    throw usage(`${maskSecrets(sentence)}${near}; --help tells what there is`)
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw usage(`${name} ${shown(text)}: must be a whole number from ${least} to ${most}`)
}

const shown = (text: string) => JSON.stringify(maskSecrets(text))
const usage = (message: string) => new DeployError('DEPLOY_USAGE', message)
