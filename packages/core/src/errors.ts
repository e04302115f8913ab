/**
 * Every code that Dromedary's own packages throw, with the sentence that `docs/reference/errors.md` prints for it.
 * A test proves that each code is thrown somewhere, and that the page is fresh.
 */
export const ERROR_CODES = {
  DROMEDARY_INVALID_URI: 'An endpoint URI cannot be parsed.',
  DROMEDARY_UNKNOWN_SCHEME: 'No component with this scheme was given to the context.',
  DROMEDARY_UNKNOWN_OPTION: 'An endpoint URI names an option that its component does not have.',
  DROMEDARY_INVALID_OPTION: 'An option, or what a verb was given, is of the wrong type or out of range.',
  DROMEDARY_UNKNOWN_PLACEHOLDER: 'A {{placeholder}} has no value and no default.',
  DROMEDARY_INVALID_PLACEHOLDER: 'A {{placeholder}} is not closed, or refers to itself.',
  DROMEDARY_UNSUPPORTED:
    'The endpoint or step cannot do what was asked of it, such as consuming from a producer-only component.',
  DROMEDARY_INVALID_DURATION: 'A duration is neither milliseconds nor a text such as 1m30s.',
  DROMEDARY_INVALID_ROUTE: 'A route definition is incomplete or contradicts itself.',
  DROMEDARY_DUPLICATE_ROUTE_ID: 'Two routes of one context have the same id.',
  DROMEDARY_UNKNOWN_ROUTE: 'No route of this context has the id.',
  DROMEDARY_INVALID_EXPRESSION: 'A Simple expression or predicate cannot be parsed.',
  DROMEDARY_EXPRESSION_FAILED: 'An expression could not be evaluated on this exchange.',
  DROMEDARY_NO_CONVERTER: 'A value cannot be converted to the type that was asked for.',
  DROMEDARY_UNKNOWN_BEAN: 'The registry holds nothing under this name, or it has no such method.',
  DROMEDARY_NO_CONSUMER: 'A direct: endpoint has no route that consumes from it.',
  DROMEDARY_DUPLICATE_CONSUMER: 'A second route consumes from an endpoint that allows one.',
  DROMEDARY_NOT_ACCEPTING: 'The route takes no new exchange: it is stopping, suspended, or its leadership is closing.',
  DROMEDARY_NOT_LEADER: 'A send was refused because the leadership under which the exchange entered has ended.',
  DROMEDARY_INTERRUPTED:
    'The work was called off by its component, which takes care of it: the source will bring it again, or another member does.',
  DROMEDARY_SCHEME_NOT_ALLOWED: 'A dynamic URI has a scheme that allowedSchemes does not list.',
  DROMEDARY_CALLS_TOO_DEEP: 'Routes call each other more than 10,000 deep; most often a route that calls itself.',
  DROMEDARY_STACK_OVERFLOW: 'A step used up the call stack by its own recursion. It is not redelivered.',
  DROMEDARY_START_FAILED: 'A route could not start; the cause says why.',
  DROMEDARY_INVALID_STATE: 'The call does not fit the state of the context or route, such as starting it twice.',
  DROMEDARY_CHANGE_FAILED:
    'A change of routes failed, and a route that ran before could not be started again; the cause has each error.',
  DROMEDARY_SHUTDOWN_TIMEOUT:
    'Exchanges were still running when the shutdown time-out passed, or something did not close.',
  DROMEDARY_DEAD_LETTER_FAILED: 'Sending to the dead letter endpoint failed as well.',
  DROMEDARY_PART_FAILED: 'A part of a split failed, and with it the whole; the cause says why.',
  DROMEDARY_AGGREGATION_FAILED:
    'An exchange could not be put to its group: it has no correlation key, or a closed one, or the strategy failed.',
  DROMEDARY_OPTIMISTIC_LOCK: 'Another member changed a group of an aggregation repository at the same time.',
  DROMEDARY_THROTTLED: 'A throttle that rejects has no room for the exchange now.',
  DROMEDARY_VALIDATION_FAILED: 'A message does not satisfy the predicate or schema of a validate step.',
  DROMEDARY_DATA_FORMAT: 'A body cannot be read or written in a data format.',
  DROMEDARY_SHARED_CONFLICT: 'Two endpoints share a resource and ask for different settings.',
  DROMEDARY_EXPECTATION_FAILED: 'A mock endpoint did not receive what was expected.',
  DROMEDARY_CONNECTION_FAILED: 'A connection to a remote peer could not be made, or ended too early.',
  DROMEDARY_INVALID_FRAME: 'A message does not fit its framing: it is too long, or the bytes of a peer are no frame.',
  DROMEDARY_NO_REPLY: 'A peer sent no reply to a request in time.',
  DROMEDARY_KAFKA_RECORD:
    'An exchange makes no Kafka record, or a record no exchange: its type, size, key or partition is wrong.',
  DROMEDARY_KAFKA_SEND: 'A broker refused a record for good.',
  DROMEDARY_KAFKA_TIMEOUT: 'A record could not be written within deliveryTimeoutMs, and may be written still.',
  DROMEDARY_KAFKA_READ: 'Records cannot be read from Kafka now; it is tried again.',
  DROMEDARY_KAFKA_OFFSET: 'Nothing says where a consumer group begins with a partition, and autoOffsetReset is none.',
  DROMEDARY_KAFKA_COMMIT: 'A manual commit was refused, such as after its partition has moved to another member.',
  DROMEDARY_KAFKA_TOKEN: 'No token for OAUTHBEARER could be had from its endpoint.',
  DROMEDARY_KAFKA_SCOPE:
    'A transacted Kafka route has no name that no other process has: cluster.scope or transactionalId is missing.',
  DROMEDARY_KAFKA_POSITION: 'The topic of positions holds what no session wrote, or cannot be read.',
  DROMEDARY_KAFKA_UNREACHABLE: 'A leader could not write to Kafka for giveUpAfter, and resigned.',
  DROMEDARY_FENCED: 'A sink that checks terms refused a write, because a later leader has written there.',
  DROMEDARY_CLUSTER_MISSING: 'A master: endpoint was used, but the context has no cluster service.',
  DROMEDARY_CLUSTER_CONFIG: 'A cluster service is configured wrongly.',
  DROMEDARY_CLUSTER_BACKEND: 'The storage behind a cluster service cannot be used right now.',
  DROMEDARY_TWO_CORES:
    'A component, route or cluster service was made by another version of @dromedary/core than the context.',
  DROMEDARY_CONFIG: 'The configuration of the application is wrong.',
  DROMEDARY_OBSERVE_ADDRESS:
    'The address that health and metrics are to be told at cannot be listened on: it is in use, or none of this machine.',
} as const

/** A code of Dromedary's own catalogue. */
export type ErrorCode = keyof typeof ERROR_CODES

export interface DromedaryErrorOptions {
  readonly cause?: unknown
}

/**
 * The one error class of Dromedary. Match on {@link code}; read {@link cause} for what lies beneath.
 * The message is one line for people: what was wrong, where (URIs masked), what to do.
 */
export class DromedaryError extends Error {
  override readonly name = 'DromedaryError'
  /** A word of the catalogue, or a component author's own in the same form. */
  readonly code: ErrorCode | (string & {})

  constructor(code: ErrorCode | (string & {}), message: string, options?: DromedaryErrorOptions) {
    // Whatever was quoted in it: a message of several lines would forge lines of a log.
    super(message.replaceAll(/\s*[\r\n]+\s*/g, ' '), options)
    this.code = code
  }
}

/** Whether `error` is a {@link DromedaryError}, with this code when one is given. Works across copies of the package. */
export function isDromedaryError(error: unknown, code?: ErrorCode | (string & {})): error is DromedaryError {
  return (
    error instanceof Error &&
    error.name === 'DromedaryError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}

/** The message of anything that was thrown, in one line. Never throws, whatever was thrown: error handling rests on it. */
export function messageOf(error: unknown): string {
  try {
    const text = String(error instanceof Error ? error.message || error.name : error)
    return text.replaceAll(/\s*\n\s*/g, ' ')
  } catch {
    return 'something that has no text was thrown'
  }
}
