import { z } from 'zod'
import { duration, flag, integer, oneOf, text } from '../../component/options.ts'

const off = (description: string) => flag().default(false).describe(description)
const on = (description: string) => flag().default(true).describe(description)

/** The options of `log:`. Camel: those of its `LogEndpoint` and `DefaultExchangeFormatter` that mean something in Node. */
export const logOptions = () =>
  z
    .object({
      level: oneOf(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF'])
        .default('INFO')
        .describe('Level of the lines; OFF writes none.'),
      showAll: off('Shows everything there is to show.'),
      showExchangeId: off('Shows the id of the exchange.'),
      showRouteId: off('Shows the route that the exchange came from.'),
      showExchangePattern: off('Shows whether somebody waits for a reply: InOut, or InOnly.'),
      showProperties: off('Shows the properties of the exchange, without those that the engine sets.'),
      showAllProperties: off('Shows the properties of the exchange, with those that the engine sets.'),
      showVariables: off('Shows the variables of the exchange.'),
      showHeaders: off('Shows the headers.'),
      showBodyType: on('Shows the type of the body.'),
      showBody: on('Shows the body. A stream is named, never read.'),
      showException: off('Shows type and message of the failure of the exchange, if it has one.'),
      showCaughtException: off('Shows the failure that an error handler caught, if the exchange has no other.'),
      showStackTrace: off('Shows the failure of the exchange with its stack trace.'),
      skipBodyLineSeparator: on('Writes a body of several lines in one, with blanks between.'),
      multiline: off('Writes each part as a line of its own.'),
      style: oneOf(['Default', 'Tab', 'Fixed'])
        .default('Default')
        .describe('How a part is written: as name: value, with a tab between, or in columns.'),
      plain: off('Writes the body and nothing else.'),
      maxChars: integer().default(10_000).describe('Where a line is cut off; 0 or less: nowhere.'),
      logMask: off('Hides passwords, tokens and other secrets in what is shown.'),
      marker: text().optional().describe('A word for the field marker of each record, for sinks that filter by it.'),
      groupSize: integer({ min: 1 })
        .optional()
        .describe('Writes how many messages came and how fast, after so many messages, instead of the messages.'),
      groupInterval: duration({ min: 1 })
        .optional()
        .describe('Writes how many messages came and how fast, each time this long, instead of the messages.'),
      groupDelay: duration({ min: 0 })
        .optional()
        .describe('Time before the first line of groupInterval; without it, one interval.'),
      groupActiveOnly: on('Whether groupInterval writes nothing while nothing comes.'),
    })
    .refine(({ groupSize, groupInterval }) => groupSize === undefined || groupInterval === undefined, {
      message: 'takes either groupSize or groupInterval',
    })
    .refine(({ groupDelay, groupInterval }) => groupDelay === undefined || groupInterval !== undefined, {
      message: 'has a groupDelay, which says nothing without a groupInterval',
    })

/** The options of one `log:` endpoint. */
export type LogOptions = z.output<ReturnType<typeof logOptions>>
