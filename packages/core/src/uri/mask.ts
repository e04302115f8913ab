import { formDecode, formEncode } from './normalise.ts'
import { splitQuery } from './raw.ts'

const HIDDEN = 'xxxxxx'

/**
 * A key is sensitive when it contains one of these, whatever its case and without `-`, `_` and `.`. They cover, by being
 * contained in them, all the words of Camel's own list (`SensitiveUtils`).
 */
const SENSITIVE_WORDS = [
  'accesskey',
  'accountkey',
  'accountsid',
  'apikey',
  'authkey',
  'authorization',
  'authticket',
  'awsaccountid',
  'clientid',
  'connectionstring',
  'consumerkey',
  'cookie',
  'credential',
  'emailaddress',
  'functionkey',
  'hostkey',
  'knownhosts',
  'p12filename',
  'passphrase',
  'password',
  'passwd',
  'privatekey',
  'publickeyid',
  'publishkey',
  'realm',
  'sasljaasconfig',
  'sassignature',
  'secret',
  'securerandom',
  'serviceinstanceid',
  'subscribekey',
  'subscriptionid',
  'systemid',
  'token',
  'user',
  'verificationcode',
] as const

const plainKey = (key: string) => key.toLowerCase().replaceAll(/[-_.]/g, '')

/** Whether the value of this key is hidden in logs and errors. `ownWords` come on top of the built-in ones. */
export function isSensitive(key: string, ownWords: Iterable<string> = []): boolean {
  const plain = plainKey(key)
  if (SENSITIVE_WORDS.some(word => plain.includes(word))) return true
  for (const word of ownWords) if (plain.includes(plainKey(word))) return true
  return false
}

/** `//user:password@`; the password may wrongly contain `@`, and in the second form `/` or `?`, unless it is a port. */
const USER_INFO = /(:\/\/[^/:@?\s"']*:)[^/?\s"']*@/g
const BROKEN_USER_INFO = /(:\/\/[^/:@?\s"']*:)(?!\d+(?:[/?\s]|$))(?:[^@\s?"']*\/[^@\s?"']*|[^@\s&="']*\?[^@\s&="']*)@/g
/** The same without `//`, at the front of a URI or of the URI that it wraps. */
const BARE_USER_INFO = /^((?:[\w+.-]+:)+?[^/:@?]*:)[^/?]*@/
const PEM = /(-----BEGIN [^-\n]*PRIVATE KEY-----).*?(-----END [^-\n]*PRIVATE KEY-----|$)/gis
const KEY_VALUE = /([\w.-]+)=(RAW\(.*?\)(?=[&\s"']|$)|RAW\{.*?\}(?=[&\s"']|$)|"[^"]*"|'[^']*'|[^&\s,;"']+)/g

function maskUserInfo(text: string): string {
  return text.replaceAll(USER_INFO, `$1${HIDDEN}@`).replaceAll(BROKEN_USER_INFO, `$1${HIDDEN}@`)
}

/**
 * An endpoint URI, well-formed or not, for logs and errors: the values of sensitive keys (in RAW, too) and the password
 * before the host become `xxxxxx`.
 */
export function maskUri(text: string, ownWords: Iterable<string> = []): string {
  const words = [...ownWords]
  const safe = maskUserInfo(text)
  const query = safe.indexOf('?')
  const path = (query < 0 ? safe : safe.slice(0, query)).replace(BARE_USER_INFO, `$1${HIDDEN}@`)
  return query < 0 ? path : `${path}?${maskQuery(safe.slice(query + 1), words)}`
}

function maskQuery(query: string, words: readonly string[]): string {
  return splitQuery(query)
    .map(({ key, value, raw, start, end }) => {
      if (value === '') return query.slice(start, end)
      if (isSensitive(formDecode(key), words)) return `${key}=${HIDDEN}`
      const plain = raw ? value : formDecode(value)
      const masked = maskSecrets(plain, words)
      return masked === plain ? query.slice(start, end) : `${key}=${formEncode(masked)}`
    })
    .join('&')
}

/** Free text for logs: hides passwords within URIs, values of sensitive keys (`key=value`) and PEM private keys. */
export function maskSecrets(text: string, ownWords: Iterable<string> = []): string {
  const words = [...ownWords]
  return maskUserInfo(text)
    .replaceAll(PEM, `$1${HIDDEN}$2`)
    .replaceAll(KEY_VALUE, (pair, key: string) => (isSensitive(key, words) ? `${key}=${HIDDEN}` : pair))
}
