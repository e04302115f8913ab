import { flag, integer, oneOf } from '@dromedary/core/component'

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF'] as const

/** A consumer that listens. */
export const serverOptions = () => ({
  maxConnections: integer({ min: 1 })
    .default(10_000)
    .describe('How many connections may be open at once; one more is closed as soon as it is made.'),
  backlog: integer({ min: 1 })
    .default(511)
    .describe('How many connections the operating system keeps until they are accepted.'),
  needClientAuth: flag().default(false).describe('Only take clients that show a certificate which sslCa has signed.'),
  serverExceptionCaughtLogLevel: oneOf(LEVELS)
    .default('WARN')
    .describe(
      'Level of the line for a connection that the server closes for a reason, such as a line that is too long.',
    ),
  serverClosedChannelExceptionCaughtLogLevel: oneOf(LEVELS)
    .default('DEBUG')
    .describe('Level of the line for a connection that the client broke off.'),
})
