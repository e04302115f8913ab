import { decimal, duration, flag, text } from '@dromedary/core/component'
import { z } from 'zod'
import { isFunction, type OnConnect } from '../client/on-connect.ts'
import { valueOrBean } from './value-or-bean.ts'

/** A consumer that connects. */
export const clientOptions = () => ({
  clientMode: flag().default(false).describe('The consumer connects to the host instead of listening on it.'),
  reconnect: flag()
    .default(true)
    .describe('Connect again whenever there is no connection. False: a start fails with its first attempt.'),
  reconnectInterval: duration({ min: 1 })
    .default(100)
    .describe('From the end of a connection, or a failed attempt, to the next attempt. Camel: always 10 s.'),
  reconnectBackOffMultiplier: decimal({ min: 1 })
    .default(2)
    .describe('Each wait is so many times the one before, until a connection has lasted for reconnectMaxInterval.'),
  reconnectMaxInterval: duration({ min: 1 }).default(10_000).describe('The longest wait between two attempts.'),
  reconnectJitter: decimal({ min: 0, max: 1 })
    .default(0.2)
    .describe('Each wait is up to this part shorter or longer, at random, so that not all clients come back at once.'),
  random: z
    .custom<() => number>(isFunction, { error: 'must be a function' })
    .optional()
    .describe('For tests: where the numbers from 0 to 1 for the jitter come from.'),
  onConnect: valueOrBean('a function', isFunction as (value: unknown) => value is OnConnect)
    .optional()
    .describe(
      'Called on each new connection; what it returns is written before anything is read. It is told the position that the route goes on after, so that the source can send the rest again.',
    ),
  connectMessage: text()
    .optional()
    .describe(
      'The same as a text, with {position} for the position, such as SUBSCRIBE[ FROM {position}]. Brackets around it, and what stands in them, are left out while no position is known; without brackets the whole text is. A line gets its delimiter.',
    ),
})
