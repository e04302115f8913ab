import type { Clock } from '@dromedary/core'
import type { ClusterService } from '@dromedary/core/cluster'
import { tap } from 'rxjs/internal/operators/tap'
import { NamespaceWatch } from './namespace-watch.ts'

/** The namespaces that the routes of this member take part in. */
export class ClusterWatch {
  readonly #clock: Clock
  readonly #namespaces = new Map<string, NamespaceWatch>()
  #service: ClusterService | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get service(): ClusterService | undefined {
    return this.#service
  }

  get namespaces(): readonly NamespaceWatch[] {
    return [...this.#namespaces.values()]
  }

  /**
   * The same service; each namespace that somebody campaigns for is looked at from then on. Leaderships are seen as they
   * pass on to whoever campaigns: to subscribe to them would be to take part, and one who does has to drain.
   */
  watch(service: ClusterService): ClusterService {
    this.#service = service
    return {
      id: service.id,
      self: service.self,
      start: () => service.start(),
      stop: options => service.stop(options),
      observe: namespace => service.observe(namespace),
      campaign: (namespace, options) => {
        const watch = this.#namespace(namespace, service)
        const campaign = service.campaign(namespace, options)
        return {
          namespace: campaign.namespace,
          leadership: campaign.leadership.pipe(tap(leadership => leadership && watch.granted(leadership))),
          [Symbol.asyncDispose]: () => campaign[Symbol.asyncDispose](),
        }
      },
    }
  }

  #namespace(namespace: string, service: ClusterService): NamespaceWatch {
    const known = this.#namespaces.get(namespace)
    if (known !== undefined) return known
    const watch = new NamespaceWatch(namespace, this.#clock)
    this.#namespaces.set(namespace, watch)
    // Completes when the service stops.
    service.observe(namespace).subscribe(state => watch.saw(state))
    return watch
  }
}
