import type { Suite } from '../suite.ts'
import { brokerUnavailable, openBroker } from './broker.ts'
import { brokers } from './brokers.ts'
import { kills } from './kills.ts'
import { SETTINGS } from './settings.ts'
import { stops } from './stops.ts'

/** The example that brings a feed into Kafka, on a real broker. */
export const feedSuite: Suite = {
  name: 'feed',
  service: new URL('../file/service.ts', import.meta.url).href,
  settings: { ...SETTINGS },
  counters: ['lost', 'duplicated'],
  unavailable: brokerUnavailable,
  open: openBroker,
  scenarios: [...kills, ...brokers, ...stops],
}
