import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createKubernetesClusterService } from '@dromedary/cluster-kubernetes'
import { memberName } from './site.ts'

/** Between the starts of two members, milliseconds; as in `bench/client-go`. */
const STAGGER_MS = 100

/**
 * `node members.ts <folder> <from> <to> <namespaces>`: the members from … to - 1 of a site, in one process, each a cluster
 * service of its own. Says "started" once they do. Ends at SIGTERM, or with its standard input.
 */
const [folder = '', ...numbers] = process.argv.slice(2)
const [from = 0, to = 0, namespaces = 0] = numbers.map(Number)
const services = Array.from({ length: to - from }, (_, at) =>
  createKubernetesClusterService({
    kubeconfig: join(folder, `${memberName(from + at)}.yaml`),
    podName: memberName(from + at),
  }),
)
let stopping: Promise<unknown> | undefined
const stop = () => {
  stopping ??= Promise.all(services.map(service => service.stop({ drainMs: 0 }))).finally(() => process.exit())
}
process.once('SIGTERM', stop)
process.stdin.resume().once('end', stop)

for (const service of services) {
  await service.start()
  for (let at = 0; at < namespaces && !stopping; at++) {
    service.campaign(`ns-${at}`, { participant: 'bench' }).leadership.subscribe(leadership => {
      leadership?.closing.addEventListener('abort', () => leadership.drained())
    })
  }
  await wait(STAGGER_MS)
}
console.log('started')
