import { messageOf } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import type { Configuration } from '../configuration/configuration.ts'
import { configError } from '../configuration/entry.ts'
import type { Section } from '../configuration/section.ts'
import { clusterSection, NO_CLUSTER } from '../configuration/sections.ts'
import type { ClusterBackend, ClusterBackends, ClusterGiven } from './backends.ts'

/** What `cluster.service` chose, checked. */
export interface ChosenCluster {
  readonly overrun: 'exit' | 'resign'
  /** Undefined for `none`. */
  readonly backend:
    | { readonly name: string; readonly kind: ClusterBackend; readonly options: Record<string, unknown> }
    | undefined
}

/** The service of that choice. */
export interface CreatedCluster {
  /** For the start-up line: `file in /srv/app/target/cluster`, or `none`. */
  readonly description: string
  readonly service: ClusterService | undefined
  readonly overrun: 'exit' | 'resign'
}

/** Reads `cluster.service`, loads that backend and no other, and checks its options. Makes nothing. */
export async function readCluster(configuration: Configuration, backends: ClusterBackends): Promise<ChosenCluster> {
  const names = Object.keys(backends)
  const { service: name, overrun } = configuration.read(clusterSection(names))
  const load = name === NO_CLUSTER ? undefined : backends[name]
  if (load === undefined) {
    refuseUnknown(configuration, names)
    return { overrun, backend: undefined }
  }
  const kind = await loaded(name, load)
  const section: Section = { prefix: `cluster.${name}`, schema: kind.schema }
  const options = configuration.read(section)
  refuseUnknown(
    configuration,
    names.filter(other => other !== name),
  )
  return { overrun, backend: { name, kind, options } }
}

/** The same, and the service of that choice. Opens nothing. */
export async function chooseCluster(
  configuration: Configuration,
  backends: ClusterBackends,
  given: ClusterGiven,
): Promise<CreatedCluster> {
  const { overrun, backend } = await readCluster(configuration, backends)
  if (backend === undefined) return { description: NO_CLUSTER, service: undefined, overrun }
  const { name, kind, options } = backend
  return {
    description: `${name} ${kind.describe(options, given)}`,
    service: kind.create(options, given),
    overrun,
  }
}

/** A build may have been made without the package of a service that the application knows. */
async function loaded(name: string, load: () => Promise<ClusterBackend>): Promise<ClusterBackend> {
  try {
    return await load()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    const problem = `cluster.service=${JSON.stringify(name)}: it is not installed, or was left out of this build`
    throw configError(`${problem}: ${messageOf(error)}`, undefined, error)
  }
}

/** One file may configure several backends: those that were not chosen are not looked into. */
function refuseUnknown(configuration: Configuration, others: readonly string[]): void {
  configuration.refuseUnknown(
    ['cluster'],
    others.map(name => `cluster.${name}.`),
  )
}
