import { duration, flag, integer } from '@dromedary/core/component'

/** A producer: always the one that connects. */
export const producerOptions = () => ({
  requestTimeout: duration({ min: 0 })
    .default(30_000)
    .describe(
      'With sync: how long the reply may take; the header CamelNettyRequestTimeout says otherwise for one message. 0: for ever, which is Camel’s default.',
    ),
  lazyChannelCreation: flag()
    .default(true)
    .describe('Connect with the first message. False: at start, which fails when nobody listens.'),
  producerPoolEnabled: flag()
    .default(true)
    .describe(
      'With sync: one request at a time on each connection, and as many connections as there are requests. False: one connection, on which requests follow each other without waiting; the peer must reply in order.',
    ),
  producerPoolMaxTotal: integer({ min: -1 }).default(-1).describe('How many connections there may be. -1: any number.'),
  producerPoolMaxIdle: integer({ min: 0 })
    .default(100)
    .describe('How many connections without a request are kept open for the next.'),
  producerPoolMinEvictableIdle: duration({ min: 1 })
    .default(300_000)
    .describe('How long a connection without a request is kept open.'),
  producerPoolBlockWhenExhausted: flag()
    .default(true)
    .describe('Wait for a connection when there may be no more. False: fail at once.'),
  producerPoolMaxWait: duration({ min: -1 })
    .default(-1)
    .describe('How long to wait for a connection when there may be no more. -1: for ever.'),
})
