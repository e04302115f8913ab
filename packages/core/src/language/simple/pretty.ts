/** JSON and XML with a line and two blanks of indent per level; any other text as it is. Camel: `pretty`. */
export function prettyText(text: string): string {
  const trimmed = text.trim()
  if (/^[[{]/.test(trimmed)) {
    try {
      return JSON.stringify(JSON.parse(trimmed), undefined, 2)
    } catch {
      return text
    }
  }
  return trimmed.startsWith('<') ? (prettyXml(trimmed) ?? text) : text
}

const XML_TOKEN = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<![^>]*>|<\/?[^>]+>|[^<]+/gy

/** Deeper XML is left as it is: its indents would be longer than the text. */
const DEEPEST = 100

/** Elements that hold only text stay on one line. Undefined where tags do not match up. */
function prettyXml(xml: string): string | undefined {
  const tokens = xml.match(XML_TOKEN) ?? []
  if (tokens.join('') !== xml) return undefined
  const lines: string[] = []
  const open: string[] = []
  let line: string | undefined
  for (const token of tokens) {
    const indent = '  '.repeat(open.length)
    if (!token.startsWith('<') || token.startsWith('<![CDATA[')) {
      if (token.trim() === '') continue
      if (line === undefined) lines.push(indent + token.trim())
      else line += token.trim()
    } else if (token.startsWith('</')) {
      if (open.pop() !== tagName(token)) return undefined
      lines.push((line ?? '  '.repeat(open.length)) + token)
      line = undefined
    } else {
      if (line !== undefined) lines.push(...brokenLine(line, open.length))
      line = undefined
      const isOpening = !/^<[!?]/.test(token) && !token.endsWith('/>')
      if (isOpening) {
        line = indent + token
        if (open.push(tagName(token)) > DEEPEST) return undefined
      } else lines.push(indent + token)
    }
  }
  return open.length === 0 ? lines.join('\n') : undefined
}

const tagName = (tag: string): string => /^<\/?([^\s/>]+)/.exec(tag)?.[1] ?? ''

/** An opening tag and the text behind it, of an element that turns out to hold elements as well. */
function brokenLine(line: string, depth: number): string[] {
  const end = line.indexOf('>') + 1
  const text = line.slice(end)
  return text === '' ? [line] : [line.slice(0, end), '  '.repeat(depth) + text]
}
