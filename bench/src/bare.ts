import type { Exchange } from '@dromedary/core'
import { type Contender, plain, type RouteName } from './contender.ts'
import { runWindow, type Send } from './window.ts'
import { Counters, KINDS, PICKED, TEXT, WHO } from './workload.ts'

type Step = (exchange: Exchange) => void

/** An array of functions, called one after the other: no error handler, no counting, no guard, no way to wait. */
function pipe(steps: readonly Step[]): Step {
  return exchange => {
    for (const step of steps) step(exchange)
  }
}

/** The same work by hand, over the same exchanges: what any framework can at best come near to. */
export function bareContender(fresh: (body: unknown) => Exchange): Contender {
  const counters = new Counters()
  const sends = bareSends(counters, fresh)
  return {
    name: 'bare',
    about: 'an array of functions',
    async window(route, ms) {
      const window = await runWindow(sends[plain(route)], ms)
      counters.prove('bare', route, window.count)
      return window
    },
    async [Symbol.asyncDispose]() {},
  }
}

function bareSends(counters: Counters, fresh: (body: unknown) => Exchange): Readonly<Record<RouteName, Send>> {
  const r1b = pipe([() => void counters.seen++])
  const setBody: Step = exchange => {
    exchange.body = 'x'
  }
  const r1 = pipe([setBody, r1b])
  const r2 = pipe([
    exchange => {
      const { message } = exchange
      const kind = message.header('kind')
      if (kind === 'a') message.setHeader('picked', 'A')
      else if (kind === 'b') message.setHeader('picked', 'B')
      else if (kind === 'c') message.setHeader('picked', 'C')
      else message.setHeader('picked', 'other')
    },
  ])
  const r5 = pipe([
    exchange => {
      if (!String(exchange.body).includes('x')) return
      exchange.body = `Hello ${exchange.body} from ${exchange.message.header('who')}`
      counters.look(exchange.body)
    },
  ])
  const r7 = pipe(Array.from({ length: 10 }, () => () => void counters.seen++))
  const one: Send = () => r1(fresh('in'))
  return {
    R1: one,
    R1m: one,
    R2: i => {
      const exchange = fresh('in')
      exchange.message.setHeader('kind', KINDS[i & 3])
      r2(exchange)
      if (exchange.message.header('picked') === PICKED[i & 3]) counters.seen++
    },
    R5: () => {
      const exchange = fresh(TEXT)
      exchange.message.setHeader('who', WHO)
      r5(exchange)
    },
    R7: () => r7(fresh('in')),
  }
}
