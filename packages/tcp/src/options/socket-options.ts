import { duration, flag, integer, oneOf, text } from '@dromedary/core/component'

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF'] as const

/** The connection itself, on either side. */
export const socketOptions = () => ({
  sync: flag()
    .default(true)
    .describe(
      'Request and reply: the consumer writes the body at the end of the route back, the producer waits for what the peer answers. False: one way.',
    ),
  disconnect: flag()
    .default(false)
    .describe('Close the connection after each message: when its reply is written, or when the request is done.'),
  keepAlive: flag().default(true).describe('Let the operating system probe a connection that is silent for a minute.'),
  tcpNoDelay: flag().default(true).describe('Send small pieces at once, rather than wait for more to send with them.'),
  unixDomainSocketPath: text()
    .optional()
    .describe('A unix socket (on Windows a named pipe) instead of host and port, which are then of no account.'),
  connectTimeout: duration({ min: 1 })
    .default(10_000)
    .describe('How long a connection may take to be made, the TLS handshake included; of a server the handshake.'),
  shutdownTimeout: duration({ min: 0 })
    .default(100)
    .describe('How long a connection that is closed may take to send what was written before.'),
  noReplyLogLevel: oneOf(LEVELS)
    .default('WARN')
    .describe('Level of the line for an exchange that left no reply, or nothing to send.'),
})

/** A consumer, on either side of the connection. */
export const consumerOptions = () => ({
  maxInFlight: integer({ min: 1 })
    .default(1)
    .describe(
      'How many messages of one connection may be in the route at once. They enter in order; with 1 each waits for the one before. Replies are written in the order of the requests. While it is full, nothing is read.',
    ),
  readerIdleTimeout: duration({ min: 0 })
    .default(0)
    .describe('Close a connection on which nothing came for so long, and nothing of it was in the route. 0: never.'),
  frameTimeout: duration({ min: 0 })
    .default(30_000)
    .describe('Close a connection on which a message began and did not end within this time. 0: never.'),
  disconnectOnNoReply: flag()
    .default(true)
    .describe('With sync: close the connection when an exchange failed, or left an empty body to reply with.'),
  sslClientCertHeaders: flag()
    .default(false)
    .describe('Set headers CamelNettySSLClientCert… that say what the certificate of the peer says.'),
})
