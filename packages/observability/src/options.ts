import { duration, integer, text } from '@dromedary/core/component'
import { z } from 'zod'

/** The options of `observe.*`, besides `observe.enabled`, which is the application's. */
export const observeOptions = z.object({
  host: text()
    .default('127.0.0.1')
    .describe(
      'The address that is listened on. Nothing beyond this host sees the default; in a pod, whose probes come from outside, it is 0.0.0.0 or ::.',
    ),
  port: integer({ min: 0, max: 65_535 })
    .default(9876)
    .describe('The port that is listened on. 0 takes any that is free; the log says which.'),
  blockedLoopLimit: duration({ min: 500 })
    .default(10_000)
    .describe(
      'Liveness fails once the event loop has been blocked for longer than this. The longest work that a step may do without a pause.',
    ),
})

/** The options as they were read. */
export type ObserveOptions = z.output<typeof observeOptions>
