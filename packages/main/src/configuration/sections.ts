import { randomUUID } from 'node:crypto'
import { nearest } from '@dromedary/core'
import { duration, flag, oneOf } from '@dromedary/core/component'
import { z } from 'zod'
import { LEVEL_WORDS } from '../logging/levels.ts'
import type { Section } from './section.ts'

/** `node.*`: who this process is. */
export const nodeSection = {
  prefix: 'node',
  schema: z.object({
    id: z
      .string()
      .default(() => randomUUID())
      .describe('A name for this process, for people. Two processes may have the same one. Default: a fresh UUID.'),
    namespace: z.string().optional().describe('The cluster namespace, for {{node.namespace}} in master: URIs.'),
  }),
} satisfies Section

/** `log.*`; the levels of single categories, `log.level.<category>`, come on top. */
export const logSection = {
  prefix: 'log',
  schema: z.object({
    level: oneOf(LEVEL_WORDS).default('info').describe('The least level that is written.'),
    format: oneOf(['text', 'json']).default('text').describe('Text for people, or the JSON lines of pino.'),
  }),
} satisfies Section

/** `shutdown.*` */
export const shutdownSection = {
  prefix: 'shutdown',
  schema: z.object({
    timeout: duration({ min: 0 })
      .default(45_000)
      .describe('How long exchanges under way may take to end once a stop was asked for. After it they are aborted.'),
  }),
} satisfies Section

/** `observe.*`; what else there is, the observability package says. */
export const observeSection = {
  prefix: 'observe',
  schema: z.object({
    enabled: flag()
      .default(false)
      .describe('Whether health, leader and metrics are told over HTTP. While not, nothing of it is loaded.'),
  }),
} satisfies Section

/** What `cluster.service` says for: no cluster at all. */
export const NO_CLUSTER = 'none'

/** `cluster.*` for an application with these backends. */
export function clusterSection(backends: readonly string[]) {
  const words = [...backends, NO_CLUSTER]
  return {
    prefix: 'cluster',
    schema: z.object({
      service: z
        .string()
        .default(words[0] as string)
        .superRefine((value, context) => {
          if (words.includes(value)) return
          const message = value.includes(',')
            ? `one cluster service at a time, not a list; available: ${words.join(', ')}`
            : `no such cluster service here; available: ${words.join(', ')}`
          context.addIssue({ code: 'custom', message, params: { near: nearest(value, words) } })
        })
        .describe('Who elects the leaders: one of the backends that the application has, or none.'),
      scope: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Names this application among all that use the same brokers or stores: endpoints that fence by the term put it before their own ids. Never change it while old members run.',
        ),
      overrun: oneOf(['exit', 'resign'])
        .default('exit')
        .describe(
          'What a process does that still works on a term which has ended: exit at once, or only stand back until it is done.',
        ),
    }),
  } satisfies Section
}
