import { readFileSync } from 'node:fs'
import { parse, parseAllDocuments, stringify } from 'yaml'

const FOLDER = new URL('../../kubernetes/', import.meta.url)

/** A manifest, as far as rendering knows it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/** What the manifests leave open. */
export interface Rendering {
  readonly image: string
  readonly replicas: number
  /** Undefined leaves it to whoever applies them. */
  readonly namespace: string | undefined
}

/** The files of `kustomization.yaml`, in its order. */
export const manifestFiles = (): string[] => parse(text('kustomization.yaml')).resources

/** The manifests as they stand in the files. */
export function readManifests(): Manifest[] {
  return manifestFiles().flatMap(file =>
    parseAllDocuments(text(file)).map(document => {
      const [error] = document.errors
      if (error) throw new Error(`kubernetes/${file}: ${error.message}`)
      return document.toJS() as Manifest
    }),
  )
}

/** The manifests with the image, the namespace and the number of members. */
export function renderManifests(rendering: Rendering): Manifest[] {
  return readManifests().map(manifest => rendered(manifest, rendering))
}

/** One text, for kubectl and for people. */
export const toYaml = (manifests: readonly Manifest[]): string => manifests.map(one => stringify(one)).join('---\n')

interface Workload extends Manifest {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } }
}

function rendered(manifest: Manifest, { image, replicas, namespace }: Rendering): Manifest {
  const metadata = namespace === undefined ? manifest.metadata : { ...manifest.metadata, namespace }
  if (manifest.kind === 'RoleBinding' && namespace !== undefined) {
    const subjects = (manifest['subjects'] as readonly object[]).map(subject => ({ ...subject, namespace }))
    return { ...manifest, metadata, subjects }
  }
  if (manifest.kind !== 'Deployment') return { ...manifest, metadata }
  const { spec } = manifest as Workload
  const containers = spec.template.spec.containers.map(container => ({ ...container, image }))
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } }
  return { ...manifest, metadata, spec: { ...spec, replicas, template } }
}

const text = (file: string) => readFileSync(new URL(file, FOLDER), 'utf8')
