import type { ClusterService } from '@dromedary/core/cluster'
import {
  DromedaryError,
  defineComponent,
  duration,
  type Endpoint,
  type EndpointAt,
  integer,
  type WrappingComponent,
} from '@dromedary/core/component'
import { z } from 'zod'
import { MasterConsumer } from './master-consumer.ts'
import type { MasterSettings, Overrun, Standby } from './settings.ts'

const schema = () =>
  z.object({
    service: z
      .custom<ClusterService>(value => typeof (value as ClusterService | null)?.campaign === 'function', {
        error: 'must be a cluster service',
      })
      .optional()
      .describe('The cluster service that elects; without it the one of the context.'),
    backOffDelay: duration({ min: 0 })
      .default(5_000)
      .describe('How long a leader waits before it tries again to start a delegate that failed to start.'),
    backOffMaxAttempts: integer({ min: 0 })
      .default(10)
      .describe(
        'How often a leader tries to start the delegate before it resigns, so that another member may lead. 0: for ever.',
      ),
    onOverrun: z
      .custom<(overrun: Overrun) => void>(value => typeof value === 'function', { error: 'must be a function' })
      .optional()
      .describe('Called at the hard end of a leadership while exchanges of it still run; may end the process.'),
    onStandby: z
      .custom<(standby: Standby) => void | Promise<void>>(value => typeof value === 'function', {
        error: 'must be a function',
      })
      .optional()
      .describe(
        'Called on every member before it competes, for work that is slow and that any member may do, such as filling a cache; tried again until it succeeds.',
      ),
  })

/** What `master({ … })` takes: these hold for the component, since the query of the URI belongs to the delegate. */
export type MasterOptions = z.input<ReturnType<typeof schema>>
type Settings = z.output<ReturnType<typeof schema>>

/** The type of {@link master}. */
export interface MasterComponent extends WrappingComponent<'master', [namespace: string], MasterOptions> {}

/**
 * `master:namespace:delegateUri` consumes from the delegate on one member of the cluster at a time. The delegate's
 * endpoint is made on every member, its consumer only while this member leads the namespace.
 *
 * Fails with `DROMEDARY_CLUSTER_MISSING` without a cluster service, and with `DROMEDARY_UNSUPPORTED` when the delegate
 * can only be sent to. Camel: camel-master.
 */
export const master: MasterComponent = defineComponent({
  scheme: 'master',
  title: 'Consumes from another endpoint on one member of a cluster at a time.',
  syntax: 'namespace:delegateUri',
  path: {
    namespace: 'What is led: of all members with a route of this namespace one consumes.',
    delegateUri: 'The endpoint to consume from; the whole query belongs to it.',
  },
  options: schema,
  consumes: true,
  produces: false,
  wraps: true,
  endpoint: connect,
})

function connect(at: EndpointAt<{ namespace: string; delegateUri: string }, Settings>): Endpoint {
  const { namespace, delegateUri } = at.path
  const { service, ...options } = at.options
  const cluster = service ?? at.init.context.cluster
  if (!cluster) {
    throw new DromedaryError(
      'DROMEDARY_CLUSTER_MISSING',
      `${at.uri} needs a cluster service, and the context has none: pass one as cluster, such as createContext({ cluster: … }), or set cluster.service in the configuration`,
    )
  }
  const delegate = at.init.resolve(delegateUri)
  if (!delegate.consumer) {
    throw new DromedaryError(
      'DROMEDARY_UNSUPPORTED',
      `${at.uri} cannot consume from ${delegate.uri}, which can only be sent to`,
    )
  }
  const settings: MasterSettings = {
    namespace,
    cluster,
    delegate,
    backOffDelay: options.backOffDelay,
    backOffMaxAttempts: options.backOffMaxAttempts,
    onOverrun: options.onOverrun,
    onStandby: options.onStandby,
  }
  return { uri: at.uri, consumer: entry => new MasterConsumer(entry, settings) }
}
