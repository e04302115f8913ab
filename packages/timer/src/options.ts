import { duration, flag, integer, oneOf, text } from '@dromedary/core/component'
import { z } from 'zod'

/** Built on first use. */
export const timerSchema = () =>
  z
    .object({
      delay: duration()
        .default(1000)
        .describe(
          'From the start to the first event. Negative: at once, and from then on as fast as the route takes them, whatever the period.',
        ),
      period: duration()
        .default(1000)
        .describe('From the start of one event to the start of the next. Zero or negative: one event only.'),
      fixedRate: flag()
        .default(false)
        .describe(
          'Keep to the times that were planned: events that are late are made up for. Otherwise the later ones shift.',
        ),
      repeatCount: integer().optional().describe('How many events there are. Zero or negative: no limit.'),
      time: text()
        .optional()
        .describe('Local time of the first event, instead of the delay. At once when it has passed.'),
      pattern: text()
        .optional()
        .describe(
          "How time is written, by y M d H m s S and X, text in single quotes. Default: yyyy-MM-dd HH:mm:ss, or with 'T' between.",
        ),
      includeMetadata: flag()
        .default(false)
        .describe('Set headers and properties that say when the event fired, and which of which timer it is.'),
      daemon: flag().default(true).describe('Whether the process may end although the timer is still running.'),
      synchronous: flag()
        .default(true)
        .refine(isOn => isOn, 'must be true: the events of one timer never overlap')
        .describe('Events wait for the one before, also while that is in an asynchronous step. Always on.'),
      runLoggingLevel: oneOf(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF'])
        .default('TRACE')
        .describe('Level of the lines that are logged before and after each event.'),
    })
    .refine(({ fixedRate, period }) => !fixedRate || period > 0, 'fixedRate needs a period above 0')
    .refine(
      ({ pattern, time }) => pattern === undefined || time !== undefined,
      'pattern says how time is written, but there is no time',
    )
    .refine(({ delay, time }) => delay >= 0 || time === undefined, 'a negative delay and a time contradict each other')

/** What may be written in the object form and in the query. */
export interface TimerOptions extends z.input<ReturnType<typeof timerSchema>> {}
/** What the endpoint works with: durations in milliseconds. */
export type TimerSettings = z.output<ReturnType<typeof timerSchema>>
