import { isSensitive, maskSecrets } from '../../uri/mask.ts'

const HIDDEN = 'xxxxxx'
/** The value may be cut off at the end of the text. Objects and arrays are left to the pairs inside them. */
const JSON_PAIR = /"([\w.-]+)"(\s*:\s*)("(?:[^"\\]|\\.)*(?:"|$)|[^\s,{}[\]"]+)/g
const XML_ELEMENT = /<((?:[\w.-]+:)?([\w.-]+))([^<>]*)>[^<]+(?=<|$)/g

/** Hides secrets in a text: those of `maskSecrets`, and values of sensitive names in JSON and XML. */
export function maskText(text: string): string {
  return maskSecrets(text)
    .replaceAll(JSON_PAIR, (pair, name: string, colon: string) =>
      isSensitive(name) ? `"${name}"${colon}"${HIDDEN}"` : pair,
    )
    .replaceAll(XML_ELEMENT, (element, tag: string, name: string, attributes: string) =>
      isSensitive(name) ? `<${tag}${attributes}>${HIDDEN}` : element,
    )
}

/** The value of this name, hidden when the name is sensitive; else with the secrets inside it hidden. */
export function maskValue(name: string, value: string): string {
  return isSensitive(name) ? HIDDEN : maskText(value)
}
