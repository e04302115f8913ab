import { addressOf, type Listener, listener } from './listeners.ts'

/** Settings of a broker by their names. */
export type Properties = Readonly<Record<string, string | number | boolean>>

/** What makes one broker on one machine quick and small. */
const SINGLE: Properties = {
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 1,
  'group.initial.rebalance.delay.ms': 0,
  // 128 MiB of the heap otherwise, before there is anything to compact.
  'log.cleaner.dedupe.buffer.size': 16 << 20,
  // A broker that was killed may come back only when its session is over: after 9 seconds by default.
  'broker.session.timeout.ms': 3_000,
  'broker.heartbeat.interval.ms': 500,
}

/** The settings of a broker: ours, and over them what somebody wants. */
export function brokerProperties(
  listeners: readonly Listener[],
  bind: string,
  data: string,
  wanted: Properties = {},
): Properties {
  const clients = listeners.filter(({ name }) => name !== 'CONTROLLER')
  const controller = `127.0.0.1:${listener(listeners, 'CONTROLLER').port}`
  return {
    ...SINGLE,
    listeners: listeners.map(({ name, port }) => `${name}://${bind}:${port}`).join(','),
    'advertised.listeners': clients.map(one => `${one.name}://${addressOf(one)}`).join(','),
    'listener.security.protocol.map': listeners.map(({ name, protocol }) => `${name}:${protocol}`).join(','),
    'controller.quorum.voters': `1@${controller}`,
    'log.dirs': data,
    ...wanted,
  }
}

/** The text of a properties file. */
export function propertiesText(properties: Properties): string {
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${escaped(String(value))}\n`)
  return lines.join('')
}

/** As java.util.Properties reads it, which takes bytes for Latin-1. */
const escaped = (value: string) =>
  value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replace(/^ /, '\\ ')
    .replaceAll(/[^ -~]/g, unicode)

const unicode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
