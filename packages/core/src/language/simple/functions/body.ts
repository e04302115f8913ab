import { didYouMean } from '../../../uri/suggest.ts'
import type { SimpleFunction } from '../function.ts'
import { conversionNames, conversionType } from '../types.ts'
import { wordArgument } from './arguments.ts'

/** The body, as it is or converted. */
export const BODY_FUNCTIONS: Readonly<Record<string, SimpleFunction>> = {
  body: { usage: 'body', path: 'value', compile: () => exchange => exchange.message.body },
  bodyAs: {
    usage: 'bodyAs(type)',
    args: [1, 1],
    path: 'value',
    compile: (node, scope) => {
      const name = wordArgument(node, 0, scope, '')
      const type = conversionType(name)
      if (type === undefined) {
        const hint = didYouMean(name, conversionNames())
        throw scope.invalid(node.args?.[0]?.at ?? node.at, `unknown type ${JSON.stringify(name)}${hint}`)
      }
      return exchange => exchange.message.getBody(type)
    },
  },
  bodyOneLine: {
    usage: 'bodyOneLine',
    compile: (_, scope) => exchange => scope.text(exchange.message.body).replaceAll(/\r\n|\r|\n/g, ''),
  },
}
