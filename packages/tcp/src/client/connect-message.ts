const POSITION = '{position}'
/** Whether the text says where to go on. */
export const namesPosition = (template: string) => template.includes(POSITION)

const OPTIONAL = /\[([^[\]]*\{position\}[^[\]]*)\]/g

/**
 * The text that a client sends first, with the position in it. `[…{position}…]` is left out while no position is known;
 * the whole text, where it names the position outside of brackets; other brackets are text. Undefined: nothing is to be
 * sent. Throws a RangeError for a position that would end the line.
 */
export function connectMessage(template: string, position: unknown, delimiter: string): string | undefined {
  if (position === undefined || position === null) {
    const kept = template.replaceAll(OPTIONAL, '')
    return kept === '' || kept.includes(POSITION) ? undefined : kept
  }
  const written = typeof position === 'object' ? JSON.stringify(position) : String(position)
  if (/[\r\n\0]/.test(written) || written.includes(delimiter)) {
    throw new RangeError('the position has a line break in it, and cannot be written into connectMessage')
  }
  return template.replaceAll(OPTIONAL, '$1').replaceAll(POSITION, () => written)
}
