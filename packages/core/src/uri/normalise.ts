/** What cannot stand in the path of a normal form. `{` and `}` would read as a placeholder. */
const UNSAFE_CHARACTERS = '\\u0000-\\u0020"#%<>?\\\\^`{|}\\u007f-\\uffff'
const UNSAFE = new RegExp(`[${UNSAFE_CHARACTERS}]+`, 'g')
/** The same, and what would end a user name or a password. */
const UNSAFE_IN_USER_INFO = new RegExp(`[${UNSAFE_CHARACTERS}/@:]+`, 'g')
const ENCODED = /(?:%[0-9a-f]{2})+/gi

/** Decodes `%XX`; a lone `%` stays what it is, and broken UTF-8 becomes U+FFFD. Never throws. */
export function percentDecode(text: string): string {
  return text.includes('%')
    ? text.replaceAll(ENCODED, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
    : text
}

/** As {@link percentDecode}, and `+` is a blank: how values of a query are written. */
export function formDecode(text: string): string {
  return percentDecode(text.replaceAll('+', ' '))
}

/** Blank becomes `+`; everything but letters, digits and `.-*_` becomes `%XX`. */
export function formEncode(text: string): string {
  return new URLSearchParams([[text, '']]).toString().slice(0, -1)
}

/** Encodes all bytes of the text, whatever it is. */
function percentEncode(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('hex')
    .replaceAll(/../g, byte => `%${byte.toUpperCase()}`)
}

/** Encodes what `unsafe` matches. */
export function encodeMatching(text: string, unsafe: RegExp): string {
  return text.replaceAll(unsafe, percentEncode)
}

/** The part of an endpoint URI before its query, without scheme and leading `//`, as written. */
export function writtenPath(rest: string): string {
  const query = rest.indexOf('?')
  const path = query < 0 ? rest : rest.slice(0, query)
  return path.startsWith('//') ? path.slice(2) : path
}

/**
 * One spelling for all ways to write a path. In user and password everything that could end them stays encoded,
 * and an `@` becomes `%40`, except the last one before the host.
 */
export function normalPath(path: string): string {
  const slash = path.indexOf('/')
  const host = path.lastIndexOf('@', slash < 0 ? path.length : slash) + 1
  if (host === 0) return recode(path, UNSAFE)
  const [user = '', ...password] = path.slice(0, host - 1).split(':')
  const userInfo = [user, ...(password.length > 0 ? [password.join(':')] : [])].map(part =>
    recode(part, UNSAFE_IN_USER_INFO),
  )
  return `${userInfo.join(':')}@${recode(path.slice(host), UNSAFE)}`
}

function recode(text: string, unsafe: RegExp): string {
  return encodeMatching(percentDecode(text), unsafe)
}

/** `a=1&b=2`, sorted by key; a repeated key keeps the order of its values. */
export function normalQuery(parameters: ReadonlyMap<string, readonly string[]>): string {
  return [...parameters]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, values]) => values.map(value => `${formEncode(key)}=${formEncode(value)}`))
    .join('&')
}
