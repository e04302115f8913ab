import type { Exchange } from '../../exchange/exchange.ts'
import type { Expression } from '../language.ts'

/** Works the expression out as if `body` were the body; the exchange has its own again afterwards. */
export function withBody(exchange: Exchange, body: unknown, expression: Expression): unknown {
  const { message } = exchange
  const own = message.body
  message.body = body
  try {
    return expression(exchange)
  } finally {
    message.body = own
  }
}
