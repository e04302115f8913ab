import type { Suite } from '../suite.ts'
import { brokerUnavailable, openBroker } from './broker.ts'
import { brokers } from './brokers.ts'
import { cuts } from './cuts.ts'
import { drops } from './drops.ts'
import { failures } from './failures.ts'
import { kills } from './kills.ts'
import { rollings } from './rolling.ts'
import { SETTINGS } from './settings.ts'
import { slows } from './slow.ts'
import { standbys } from './standbys.ts'
import { stops } from './stops.ts'
import { storms } from './storms.ts'
import { unreplayables } from './unreplayable.ts'
import { zombies } from './zombies.ts'

/** The example that brings a feed into Kafka, on a real broker. */
export const feedSuite: Suite = {
  name: 'feed',
  service: new URL('../file/service.ts', import.meta.url).href,
  settings: { ...SETTINGS },
  counters: ['lost', 'duplicated'],
  sideBySide: 6,
  unavailable: brokerUnavailable,
  open: openBroker,
  scenarios: [
    ...kills,
    // The longest first, so that a quick run does not wait for them at its end.
    ...slows,
    ...storms,
    ...cuts,
    ...brokers,
    ...stops,
    ...failures,
    ...zombies,
    ...drops,
    ...rollings,
    ...standbys,
    ...unreplayables,
  ],
}
