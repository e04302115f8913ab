/** Stands for a text that cannot be resolved: building the route says why. */
const UNRESOLVED = '\u0000'

/**
 * What the placeholders in a definition stand for, text by text in the order of writing. A route whose definition is the
 * same runs something else when one of these is another one.
 */
export function resolvedTexts(definition: unknown, resolve: (text: string) => string): readonly string[] {
  const texts: string[] = []
  const seen = new Set<object>()
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.includes('{{')) texts.push(resolved(value, resolve))
      return
    }
    if (typeof value !== 'object' || value === null || seen.has(value) || !isData(value)) return
    seen.add(value)
    for (const inner of Object.values(value)) visit(inner)
  }
  visit(definition)
  return texts
}

function resolved(text: string, resolve: (text: string) => string): string {
  try {
    return resolve(text)
  } catch {
    return UNRESOLVED
  }
}

/** Objects of classes belong to the user. */
function isData(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || prototype === Array.prototype
}
