import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'
import type { IdempotentRepository } from '../idempotent/repository.ts'
import { releaseShared, useShared } from '../runtime/shared-life.ts'
import { andThen, isThenable } from '../runtime/thenable.ts'
import type { Eip } from './eip.ts'
import { hasMethods, resolveRef } from './resolve-ref.ts'

type Result = void | Promise<void>

/**
 * Idempotent Consumer: runs its steps once per key. A key is taken by the first message that has it, and given back when that
 * one fails. Fails with `DROMEDARY_EXPRESSION_FAILED` for a message without a key.
 */
export const idempotentConsumer: Eip<'idempotentConsumer'> = (step, at) => {
  const { eager, completionEager, skipDuplicate, removeOnFailure } = step
  const must = 'an idempotent repository (add, contains, remove, confirm)'
  const isRepository = hasMethods('add', 'contains', 'remove', 'confirm')
  const repository: IdempotentRepository = resolveRef(step.idempotentRepository, at, must, isRepository)
  const expression = at.expression(step.expression)
  const steps = at.steps(step.steps)
  at.service({ start: () => useShared(repository), stop: () => releaseShared(repository) })

  const enter = (exchange: Exchange, key: string): unknown => {
    if (eager) return andThen(repository.add(key, exchange), isNew => (isNew ? first(exchange, key) : again(exchange)))
    return andThen(repository.contains(key, exchange), known => (known ? again(exchange) : first(exchange, key)))
  }

  /** It holds no key: what becomes of it says nothing about the message that does. */
  const again = (exchange: Exchange): unknown => {
    exchange.setProperty(NAMES.duplicateMessage, true)
    return skipDuplicate ? undefined : steps(exchange)
  }

  const first = (exchange: Exchange, key: string): unknown => {
    exchange.removeProperty(NAMES.duplicateMessage)
    return completionEager ? untilEndOfSteps(exchange, key) : untilEndOfExchange(exchange, key)
  }

  const untilEndOfExchange = (exchange: Exchange, key: string): unknown => {
    let held = eager
    exchange.unitOfWork.addSynchronization({
      onComplete: done => completed(done, key, held),
      onFailure: done => (removeOnFailure ? held && giveBack(done, key) : completed(done, key, held)) as Result,
    })
    // Thrown past the steps, it may be tried again by the route that called this one: not as a duplicate of itself.
    const thrown = () => {
      if (!held) return
      held = false
      return repository.remove(key, exchange)
    }
    return orThrown(() => steps(exchange), thrown)
  }

  const untilEndOfSteps = (exchange: Exchange, key: string): unknown => {
    const failed = (): Result => {
      if (!removeOnFailure) return completed(exchange, key, eager)
      if (eager) return giveBack(exchange, key)
    }
    const running = orThrown(() => steps(exchange), failed)
    return andThen(running, () => (exchange.failed ? failed() : completed(exchange, key, eager)))
  }

  const completed = (exchange: Exchange, key: string, held: boolean): Result =>
    held
      ? repository.confirm(key, exchange)
      : andThen(repository.add(key, exchange), () => repository.confirm(key, exchange))

  const giveBack = (exchange: Exchange, key: string): Result => repository.remove(key, exchange)

  return exchange =>
    andThen(expression(exchange), value => {
      const key = exchange.services.converters.convert(value, 'string')
      if (key !== undefined && key !== '') return enter(exchange, key)
      throw new DromedaryError(
        'DROMEDARY_EXPRESSION_FAILED',
        `an exchange has no key at the idempotentConsumer of route ${at.routeId}: its expression must give a text for each message`,
      )
    })
}

/** Runs, and where that throws or rejects does something before it is thrown on. */
function orThrown(run: () => unknown, then: () => Result): unknown {
  const failed = (error: unknown): unknown =>
    andThen(then(), () => {
      throw error
    })
  try {
    const running = run()
    return isThenable(running) ? Promise.resolve(running).catch(failed) : undefined
  } catch (error) {
    return failed(error)
  }
}
