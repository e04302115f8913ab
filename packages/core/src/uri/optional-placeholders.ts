import { splitQuery } from './raw.ts'

/** Stands where a `{{?key}}` had no value, until the option around it is dropped. No text of a user contains it. */
export const MISSING = '\u0000missing\u0000'

/** Takes out each query option whose value contains a missing placeholder; elsewhere a missing one leaves nothing. */
export function dropOptions(text: string): string {
  const question = text.indexOf('?')
  if (question < 0) return text.replaceAll(MISSING, '')
  const path = text.slice(0, question).replaceAll(MISSING, '')
  const query = text.slice(question + 1)
  const kept = splitQuery(query)
    .map(({ key, start, end }) => ({ key, text: query.slice(start, end) }))
    .filter(option => !option.text.includes(MISSING) || !isName(option.key))
    .map(option => option.text.replaceAll(MISSING, ''))
  return kept.length === 0 ? path : `${path}?${kept.join('&')}`
}

/** In text that is no URI, a question mark may be only that. */
function isName(key: string): boolean {
  return key === MISSING || /^[\w.%-]+$/.test(key)
}
