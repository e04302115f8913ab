import type { Expression } from '../language.ts'
import type { Node } from './ast.ts'
import type { Scope } from './function.ts'
import { renderText } from './values.ts'

/** Text with values in it. One and two values, which most texts have, need no loop. */
export function compileTemplate(parts: readonly Node[], scope: Scope): Expression {
  const { texts, reads } = separate(parts, scope)
  const { converters } = scope.context
  const [head = '', middle = '', tail = ''] = texts
  const [first, second] = reads
  if (first === undefined) return () => head
  if (second === undefined) {
    return exchange => {
      const value = first(exchange)
      return head + (typeof value === 'string' ? value : renderText(converters, value)) + middle
    }
  }
  if (reads.length === 2) {
    return exchange => {
      const a = first(exchange)
      const b = second(exchange)
      const left = typeof a === 'string' ? a : renderText(converters, a)
      return head + left + middle + (typeof b === 'string' ? b : renderText(converters, b)) + tail
    }
  }
  return exchange => {
    let text = head
    for (let at = 0; at < reads.length; at++) {
      const value = (reads[at] as Expression)(exchange)
      text += (typeof value === 'string' ? value : renderText(converters, value)) + texts[at + 1]
    }
    return text
  }
}

/** Values and the texts before, between and behind them: always one text more than values. */
function separate(parts: readonly Node[], scope: Scope): { texts: string[]; reads: Expression[] } {
  const texts = ['']
  const reads: Expression[] = []
  for (const part of parts) {
    if (part.kind === 'literal') texts[texts.length - 1] += scope.text(part.value)
    else {
      reads.push(scope.compile(part))
      texts.push('')
    }
  }
  return { texts, reads }
}
