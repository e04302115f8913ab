import { z } from 'zod'
import { duration, flag, integer } from '../../component/options.ts'

/** The options of `mock:`; also what {@link MockEndpoint.settings} may change in a test. */
export const mockOptions = () =>
  z.object({
    expectedCount: integer({ min: -1 }).default(-1).describe('How many messages are expected; -1: not said.'),
    resultWaitTime: duration({ min: 0 })
      .default(10_000)
      .describe('How long an assertion waits for what is expected, at most.'),
    resultMinimumWaitTime: duration({ min: 0 })
      .default(0)
      .describe('An assertion fails when everything came sooner than this.'),
    sleepForEmptyTest: duration({ min: 0 })
      .default(250)
      .describe('How long nothing must come before an assertion believes that nothing comes.'),
    assertPeriod: duration({ min: 0 })
      .default(0)
      .describe('After everything came, an assertion looks on for so long whether it stays right.'),
    failFast: flag().default(true).describe('Whether the first wrong message ends the wait.'),
    copyOnExchange: flag()
      .default(true)
      .describe('Records a copy, so that what the route changes later does not show. The body itself is shared.'),
    retainFirst: integer({ min: -1 }).default(-1).describe('Keeps only so many of the first messages; -1: all.'),
    retainLast: integer({ min: -1 }).default(-1).describe('Keeps only so many of the last messages; -1: all.'),
    log: flag().default(false).describe('Logs each message as it arrives.'),
    reportGroup: integer({ min: 1 })
      .optional()
      .describe('Logs how many messages came and how fast, after so many messages.'),
  })

/** The options of one `mock:` endpoint; times in milliseconds. */
export type MockOptions = z.output<ReturnType<typeof mockOptions>>
