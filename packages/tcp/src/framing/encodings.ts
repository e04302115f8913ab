/** Character sets by the names that Java and Node have for them. Those in which a delimiter is found byte by byte. */
const NAMES: Readonly<Record<string, LineEncoding>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  'iso-8859-1': 'latin1',
  'iso8859-1': 'latin1',
  latin1: 'latin1',
  'us-ascii': 'ascii',
  ascii: 'ascii',
}

/** Node's name of an encoding that lines may have. */
export type LineEncoding = 'utf8' | 'latin1' | 'ascii'

/** Undefined for one that is not known, or in which lines cannot be cut byte by byte (UTF-16). */
export function lineEncoding(name: string): LineEncoding | undefined {
  const key = name.trim().toLowerCase()
  return Object.hasOwn(NAMES, key) ? NAMES[key] : undefined
}
