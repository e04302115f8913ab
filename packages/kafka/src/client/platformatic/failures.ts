import { isDromedaryError, messageOf } from '@dromedary/core/component'
import { AuthenticationError, findErrorBy, MultipleErrors } from '@platformatic/kafka'
import type { FailureKind } from '../port.ts'

/** Also one that was deleted and made again: it has another id then. */
const UNKNOWN_TOPIC = ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID']

/** The component's view of an error of the client, which nests them: what decides lies in a leaf. */
export function kindOf(error: unknown): FailureKind {
  if (!(error instanceof Error)) return 'refused'
  if (findErrorBy(error, 'needsRejoin', true) || has(error, 'STALE_MEMBER_EPOCH') || has(error, 'FENCED_MEMBER_EPOCH'))
    return 'rejoin'
  if (has(error, 'OFFSET_OUT_OF_RANGE')) return 'out-of-range'
  if (UNKNOWN_TOPIC.some(apiId => has(error, apiId)) || isUnknownTopic(error)) return 'unknown-topic'
  if (leaves(error).some(isNotAuthenticated)) return 'refused'
  return findErrorBy(error, 'canRetry', false) === null ? 'retriable' : 'refused'
}

/** Wrapped as if it were a fault of the network. That no token could be had says nothing of the broker, and may pass. */
function isNotAuthenticated(leaf: unknown): boolean {
  for (let error = leaf; error instanceof Error; error = error.cause) {
    if (error instanceof AuthenticationError) return !isDromedaryError(error.cause)
  }
  return false
}

export function has(error: Error, apiId: string): boolean {
  return findErrorBy(error, 'apiId', apiId) !== null
}

/** The client has no code for it. */
function isUnknownTopic(error: Error): boolean {
  return leaves(error).some(leaf => leaf instanceof Error && /^Unknown topic /.test(leaf.message))
}

/** What people should read: the last of the causes, with what the broker added. */
export function explain(error: unknown): string {
  const leaf = leaves(error).at(-1) ?? error
  const { serverErrorMessage, cause } = leaf as { readonly serverErrorMessage?: unknown; readonly cause?: unknown }
  const parts = [messageOf(leaf)]
  if (typeof serverErrorMessage === 'string' && serverErrorMessage !== '') parts.push(serverErrorMessage)
  if (cause instanceof Error) parts.push(explain(cause))
  return parts.map(part => part.replace(/\.$/, '')).join(': ')
}

/** The errors that hold no others, in order. */
export function leaves(error: unknown): readonly unknown[] {
  if (!(error instanceof MultipleErrors) || error.errors.length === 0) return [error]
  return error.errors.filter(one => one !== null && one !== undefined).flatMap(leaves)
}
