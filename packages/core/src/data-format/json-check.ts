const BLANK = /[ \t\n\r]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not allow them in texts
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y

/** The position of the first character that keeps a text from being JSON; its length where it ends too early. */
export function firstJsonError(text: string): number {
  let at = 0
  const skip = (token: RegExp): boolean => {
    token.lastIndex = at
    const matched = token.test(text)
    if (matched) at = token.lastIndex
    return matched
  }
  const blank = () => void skip(BLANK)
  const open: ('[' | '{')[] = []
  /** What has to come next. */
  let want: 'value' | 'value or ]' | 'key' | 'key or }' | 'after' = 'value'

  for (;;) {
    blank()
    const character = text[at]
    if (want === 'after') {
      const block = open.at(-1)
      if (block === undefined) return at
      if (character === ',') want = block === '[' ? 'value' : 'key'
      else if (character === (block === '[' ? ']' : '}')) open.pop()
      else return at
      at++
    } else if ((want === 'value or ]' && character === ']') || (want === 'key or }' && character === '}')) {
      open.pop()
      at++
      want = 'after'
    } else if (want === 'key' || want === 'key or }') {
      if (!skip(TEXT)) return at
      blank()
      if (text[at] !== ':') return at
      at++
      want = 'value'
    } else if (character === '[' || character === '{') {
      open.push(character)
      at++
      want = character === '[' ? 'value or ]' : 'key or }'
    } else if (skip(TEXT) || skip(WORD) || skip(NUMBER)) want = 'after'
    else return at
  }
}

/** Where a value has a key `__proto__` of its own: a path in words, or undefined. Not recursive: what it looks through comes from outside. */
export function findProto(value: unknown): string | undefined {
  const left: { readonly value: unknown; readonly path: string }[] = [{ value, path: '' }]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue
    if (Object.hasOwn(next.value, '__proto__')) return next.path === '' ? 'at the top' : `in ${next.path.slice(0, 40)}`
    for (const [key, inner] of Object.entries(next.value)) {
      if (typeof inner === 'object')
        left.push({ value: inner, path: next.path === '' ? key : `${next.path}.${key}`.slice(0, 41) })
    }
  }
  return undefined
}
