import { constant, from, type RouteSource } from '@dromedary/core'
import type { Counters } from './workload.ts'

/** The routes of the comparison in Dromedary; `bench/camel` has the same ones, step for step. */
export function benchRoutes(counters: Counters): readonly RouteSource[] {
  const count = () => {
    counters.seen++
  }
  return [
    from('direct:r1').routeId('r1').setBody(constant('x')).to('direct:r1b'),
    from('direct:r1b').routeId('r1b').process(count),

    from('direct:r2')
      .routeId('r2')
      .choice()
      .when("${header.kind} == 'a'")
      .setHeader('picked', constant('A'))
      .when("${header.kind} == 'b'")
      .setHeader('picked', constant('B'))
      .when("${header.kind} == 'c'")
      .setHeader('picked', constant('C'))
      .otherwise()
      .setHeader('picked', constant('other'))
      .end(),

    from('direct:r5')
      .routeId('r5')
      .filter("${body} contains 'x'")
      .transform('Hello ${body} from ${header.who}')
      .process(exchange => counters.look(exchange.body))
      .end(),

    from('direct:r7')
      .routeId('r7')
      // Ten functions, not ten times one, as ten steps of an application would be.
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++)
      .process(() => void counters.seen++),
  ]
}
