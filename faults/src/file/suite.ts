import type { Suite } from '../suite.ts'
import { clocks } from './clocks.ts'
import { disks } from './disks.ts'
import { drains } from './drains.ts'
import { folders } from './folder.ts'
import { kills } from './kills.ts'
import { records } from './records.ts'
import { SETTINGS } from './settings.ts'
import { sockets } from './sockets.ts'
import { stops } from './stops.ts'
import { storms } from './storms.ts'
import { systemCalls } from './system-calls.ts'

/** The file service of one host. */
export const fileSuite: Suite = {
  name: 'file',
  service: new URL('./service.ts', import.meta.url).href,
  settings: { ...SETTINGS },
  scenarios: [
    ...kills,
    ...storms,
    ...stops,
    ...systemCalls,
    ...records,
    ...sockets,
    ...clocks,
    ...drains,
    ...disks,
    ...folders,
  ],
}
