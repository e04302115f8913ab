import {
  type BaseOptions,
  Consumer,
  type ConsumerOptions,
  cooperativeStickyAssigner,
  FetchIsolationLevels,
  roundRobinAssigner,
} from '@platformatic/kafka'
import type { Assignor, MemberSettings } from '../port.ts'
import { rangeAssigner } from './range-assigner.ts'

const ASSIGNERS = {
  range: rangeAssigner,
  roundrobin: roundRobinAssigner,
  'cooperative-sticky': cooperativeStickyAssigner,
} as const
/** Of the subscription that a member sends; the cooperative one needs the partitions that it owns in it. */
const SUBSCRIPTION_VERSION: Readonly<Record<Assignor, number>> = { range: 1, roundrobin: 1, 'cooperative-sticky': 3 }

/** The client's consumer for one member of a group. Its stream is not used: it closes for good after an outage. */
export function groupConsumer(base: BaseOptions, settings: MemberSettings): Consumer {
  const { groupInstanceId, remoteAssignor, assignor, rebalanceTimeoutMs, sessionTimeoutMs } = settings
  const common = {
    ...base,
    autocreateTopics: false,
    groupId: settings.groupId,
    autocommit: false,
    isolationLevel:
      settings.isolation === 'read_committed'
        ? FetchIsolationLevels.READ_COMMITTED
        : FetchIsolationLevels.READ_UNCOMMITTED,
    rebalanceTimeout: Math.max(rebalanceTimeoutMs, sessionTimeoutMs),
    ...(groupInstanceId !== undefined && { groupInstanceId }),
  }
  if (settings.protocol === 'consumer') {
    return new Consumer({
      ...common,
      groupProtocol: 'consumer',
      ...(remoteAssignor !== undefined && { groupRemoteAssignor: remoteAssignor }),
    } as ConsumerOptions<Buffer, Buffer, Buffer, Buffer>)
  }
  const version = SUBSCRIPTION_VERSION[assignor]
  return new Consumer({
    ...common,
    groupProtocol: 'classic',
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: settings.heartbeatIntervalMs,
    protocols: [{ name: assignor, version }],
    partitionAssigner: ASSIGNERS[assignor],
    // Asked for before each attempt to join. The cooperative assignor needs no pause: what it keeps goes on.
    ...(assignor !== 'cooperative-sticky' && {
      protocolsMetadata: async () => {
        await settings.events.beforeRejoin()
        return Buffer.alloc(0)
      },
    }),
  } as ConsumerOptions<Buffer, Buffer, Buffer, Buffer>)
}
