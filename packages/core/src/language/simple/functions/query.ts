import type { SimpleFunction } from '../function.ts'

/** The parser refuses it by name, so that a route says what is missing rather than "unknown function". */
function elsewhere(name: string): SimpleFunction {
  const refusal = `${name} is not part of Simple itself: it needs a language package, and is then used as the language ${name}`
  return {
    usage: `${name}(input,exp)`,
    refusal,
    compile: (node, scope) => {
      throw scope.invalid(node.at, refusal)
    },
  }
}

/** Query languages, which come in packages of their own. */
export const QUERY_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  jsonpath: elsewhere('jsonpath'),
  jq: elsewhere('jq'),
  xpath: elsewhere('xpath'),
}
