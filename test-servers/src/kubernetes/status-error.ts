/** An API server said no. */
export class StatusError extends Error {
  /** Of HTTP. */
  readonly code: number
  /** Kubernetes' word, such as `Forbidden`, `Conflict` or `AlreadyExists`; empty where it gave none. */
  readonly reason: string

  constructor(code: number, reason: string, message: string) {
    super(message)
    this.name = 'StatusError'
    this.code = code
    this.reason = reason
  }

  /** From the answer to a request; its body is a Status object, or not. */
  static of(code: number, body: string, request: string): StatusError {
    const { reason = '', message = body.slice(0, 500) } = statusIn(body)
    return new StatusError(code, reason, `${request}: ${code} ${message}`)
  }
}

function statusIn(body: string): { readonly reason?: string; readonly message?: string } {
  try {
    return JSON.parse(body) ?? {}
  } catch {
    return {}
  }
}
