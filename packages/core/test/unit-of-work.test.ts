import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Exchange } from '../src/exchange/exchange.ts'
import type { Synchronization, UnitOfWork } from '../src/exchange/unit-of-work.ts'
import { exchangeServices } from '../src/runtime/context-view.ts'

const make = () => new Exchange(exchangeServices(), undefined, 'r', 'source://in')
const end = (exchange: Exchange, failed = false) => exchange.unitOfWork.end(exchange, failed, () => {})

/** What is done to one of three exchanges, or to two of them. */
const move = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('add' as const), fc.nat(2), fc.nat(2)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('hand over' as const), fc.nat(2), fc.nat(2)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('end' as const), fc.nat(2), fc.nat(2)) },
)

describe('a unit of work', () => {
  it('calls each once, in the order in which they came, whoever has them then', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), moves => {
        const exchanges = [make(), make(), make()]
        const lists: (number[] | undefined)[] = [[], [], []]
        const called: number[] = []
        const expected: number[] = []
        for (const [n, [what, one, other]] of moves.entries()) {
          const exchange = exchanges[one] as Exchange
          const to = (exchanges[other] as Exchange).unitOfWork
          const [list, target] = [lists[one], lists[other]]
          if (what === 'add') {
            const add = () => exchange.unitOfWork.addSynchronization({ onComplete: () => void called.push(n) })
            if (list === undefined) expect(add).toThrow(TypeError)
            else {
              add()
              list.push(n)
            }
          } else if (what === 'end') {
            expected.push(...(list ?? []))
            end(exchange)
            lists[one] = undefined
          } else if (one !== other && list !== undefined) {
            const handOver = () => exchange.unitOfWork.handOver(to)
            if (target === undefined && list.length > 0) expect(handOver).toThrow(TypeError)
            else {
              handOver()
              target?.push(...list.splice(0))
            }
          }
          expect(called).toEqual(expected)
        }
      }),
    )
  })

  it('takes whatever has the methods, a list as well, the first as the tenth', () => {
    class Collected extends Array<string> implements Synchronization {
      flushed: readonly string[] | undefined
      onComplete(): void {
        this.flushed = [...this]
      }
    }
    const exchange = make()
    const all = Array.from({ length: 10 }, () => new Collected())
    for (const [n, one] of all.entries()) {
      exchange.unitOfWork.addSynchronization(one)
      one.push(`${n}`)
    }
    end(exchange)
    expect(all.map(one => one.flushed?.join())).toEqual(all.map((_, n) => `${n}`))
  })

  it('that has none shares nothing with others that could be added to', () => {
    const list = (unit: UnitOfWork) => unit.synchronizations as Synchronization[]
    expect(() => list(make().unitOfWork).push({})).toThrow(TypeError)
    expect(list(make().unitOfWork)).toEqual([])
  })
})
