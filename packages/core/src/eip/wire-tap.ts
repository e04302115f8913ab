import type { WireTapStep } from '../definition/flow-steps.ts'
import { leaveSharedUnitOfWork } from '../error-handling/shared-unit-of-work.ts'
import { Exchange, type Processor } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import { andThen } from '../runtime/thenable.ts'
import type { Eip, StepCompiler } from './eip.ts'
import { isFunction, resolveRef } from './resolve-ref.ts'
import { toD } from './to-d.ts'

/** So many that have not ended are not waited for; past that an exchange waits for its own tap. Camel: the queue of its pool. */
const UNDER_WAY = 1000

/** Wire Tap: sends a copy, InOnly and with a unit of work of its own; the exchange goes on without waiting for it. */
export const wireTap: Eip<'wireTap'> = (step, at) => {
  const send = sender(step, at)
  const onPrepare = step.onPrepare && resolveRef(step.onPrepare, at, 'a function that prepares the copy', isFunction)
  const tap = at.handled(onPrepare === undefined ? send : copy => andThen(onPrepare(copy), () => send(copy)))
  const { variableSend } = step
  let underWay = 0
  const ended = () => {
    underWay--
  }
  return exchange => {
    const copy = step.copy ? exchange.copy() : empty(exchange)
    copy.pattern = 'InOnly'
    leaveSharedUnitOfWork(copy)
    if (variableSend !== undefined) copy.message.body = exchange.getVariable(variableSend)
    const running = at.detached(copy, tap)
    if (running === undefined) return
    underWay++
    void running.then(ended)
    return underWay > UNDER_WAY ? running : undefined
  }
}

function sender(step: WireTapStep, at: StepCompiler): Processor {
  const { uri, allowedSchemes, ignoreInvalidEndpoint, cacheSize } = step
  if (!step.dynamicUri || !at.text(uri).includes('${')) return at.sender(uri).send
  const fence = allowedSchemes === undefined ? {} : { allowedSchemes }
  return toD({ kind: 'toD', uri, ignoreInvalidEndpoint, cacheSize, ...fence }, at)
}

/** Nothing of the message, but the leadership under which it stands. */
function empty(exchange: Exchange): Exchange {
  const tap = new Exchange<unknown>(exchange.services, null, exchange.fromRouteId, exchange.fromEndpoint)
  tap.guard = exchange.guard
  tap.signal = exchange.signal
  tap.openCalls = exchange.openCalls
  tap.setProperty(NAMES.correlationId, exchange.id)
  const term = exchange.getProperty(NAMES.clusterTerm)
  if (term !== undefined) tap.setProperty(NAMES.clusterTerm, term)
  return tap
}
