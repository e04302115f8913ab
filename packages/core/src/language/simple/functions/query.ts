import type { SimpleFunction } from '../function.ts'

const elsewhere = (name: string): SimpleFunction => ({
  usage: `${name}(input,exp)`,
  refusal: `${name} is not part of Simple itself: it needs a language package, and is then used as the language ${name}`,
  compile: (node, scope) => {
    throw scope.invalid(node.at, `${name} needs a language package`)
  },
})

/** Query languages, which come in packages of their own. */
export const QUERY_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  jsonpath: elsewhere('jsonpath'),
  jq: elsewhere('jq'),
  xpath: elsewhere('xpath'),
}
