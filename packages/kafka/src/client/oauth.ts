import { type Clock, DromedaryError, messageOf } from '@dromedary/core/component'
import type { OauthSettings } from './connection.ts'

/** A token is asked for anew when less than this part of its life is left. */
const LEFT = 0.2
/** For answers without `expires_in`. */
const UNKNOWN_LIFE_S = 300
const TIMEOUT_MS = 10_000

/**
 * Tokens of the client credentials grant, one for as long as it lives. The provider rejects with
 * `DROMEDARY_KAFKA_TOKEN`; the answer of the endpoint is never quoted, since it may hold a token.
 */
export function oauthTokens(settings: OauthSettings, clock: Clock): () => Promise<string> {
  let known: { readonly token: string; readonly until: number } | undefined
  let asking: Promise<string> | undefined
  const ask = async () => {
    const asked = clock.monotonic()
    const { token, lifeS } = await request(settings)
    known = { token, until: asked + lifeS * 1000 * (1 - LEFT) }
    return token
  }
  return () => {
    if (known !== undefined && clock.monotonic() < known.until) return Promise.resolve(known.token)
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}

async function request({ tokenEndpoint, clientId, clientSecret, scope }: OauthSettings) {
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scope !== undefined) form.set('scope', scope)
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)
  let response: Response
  let text: string
  try {
    response = await fetch(tokenEndpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials.toString('base64')}`, accept: 'application/json' },
      body: form,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    text = await response.text()
  } catch (error) {
    throw refused(tokenEndpoint, messageOf(error), error)
  }
  if (!response.ok) throw refused(tokenEndpoint, `it answered ${response.status}`)
  const answer = parsed(text)
  if (typeof answer.access_token !== 'string' || answer.access_token === '')
    throw refused(tokenEndpoint, 'its answer holds no access_token')
  const life = Number(answer.expires_in)
  return { token: answer.access_token, lifeS: Number.isFinite(life) && life > 0 ? life : UNKNOWN_LIFE_S }
}

/** The parser's own error would quote the text. */
function parsed(text: string): { readonly access_token?: unknown; readonly expires_in?: unknown } {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

function refused(endpoint: string, why: string, cause?: unknown): DromedaryError {
  const { origin, pathname } = new URL(endpoint)
  return new DromedaryError('DROMEDARY_KAFKA_TOKEN', `no token for Kafka from ${origin}${pathname}: ${why}`, { cause })
}
