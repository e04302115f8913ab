import { ApiFailure } from '../../src/api.ts'

/** As the Status objects of the server say. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** What the server answered instead of doing it. */
export function answered(status: number, what: string): ApiFailure {
  const reason = REASONS[status]
  return new ApiFailure(`HTTP ${status}: ${what}`, { status, ...(reason !== undefined && { reason }) })
}

/** There was no answer. */
export function unanswered(reason: string): ApiFailure {
  return new ApiFailure(`no answer from the simulated server: ${reason}`, { reason })
}
