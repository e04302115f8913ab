import { afterEach, describe, expect, it } from 'vitest'
import {
  body,
  type Context,
  type ContextOptions,
  constant,
  deadLetterChannel,
  defaultErrorHandler,
  type Exchange,
  from,
  groupedBody,
  noErrorHandler,
  type RouteSource,
  type SplitResult,
  stringJoin,
  useLatest,
  useOriginal,
} from '../src/index.ts'
import { running } from './support/run.ts'

let context: Context | undefined
async function run(routes: RouteSource[], options: Partial<ContextOptions> = {}) {
  const started = await running(routes, options)
  context = started.context
  return started
}
afterEach(async () => {
  await context?.stop()
  context = undefined
})

const throwing = (bad: unknown) => (exchange: Exchange) => {
  if (exchange.body === bad) throw new Error(`bad ${bad}`)
}

describe('a part that fails', () => {
  it('fails the exchange, after the others', async () => {
    const { source, sink } = await run([
      from('source:in').split().process(throwing(2)).to('sink:part').end().to('sink:after'),
    ])
    const { exchange, done } = source.bring([1, 2, 3])
    await done
    expect(exchange.exception).toMatchObject({ message: 'bad 2' })
    expect(sink.bodies).toEqual([1, 3])
  })

  it('is redelivered alone, and the error handler sees it once', async () => {
    const tries: unknown[] = []
    const { source, clock, log } = await run([
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 2, redeliveryDelay: 10 }))
        .split()
        .process(part => {
          tries.push(part.body)
          throwing(2)(part)
        })
        .end(),
    ])
    const { exchange, done } = source.bring([1, 2, 3])
    await clock.advance(100)
    await done
    expect(tries).toEqual([1, 2, 2, 2, 3])
    expect(exchange.failed).toBe(true)
    expect(log.messages.filter(line => line.startsWith('error'))).toHaveLength(1)
  })

  it('and is dead-lettered fails nothing: the letter is the part', async () => {
    const { source, sink } = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead', { useOriginalMessage: true }))
        .split()
        .setHeader('x', constant(1))
        .process(throwing(2))
        .end()
        .to('sink:after'),
    ])
    const { exchange, done } = source.bring([1, 2, 3])
    await done
    expect(exchange.exception).toBeUndefined()
    expect(sink.bodies).toEqual([2, [1, 2, 3]])
  })

  it('without an error handler fails the route in which the split is called', async () => {
    const { source, sink } = await run([
      from('source:in').errorHandler(deadLetterChannel('sink:dead')).to('direct:parts').to('sink:after'),
      from('direct:parts').errorHandler(noErrorHandler()).split().process(throwing(2)).to('sink:part').end(),
    ])
    await source.bring([1, 2, 3]).done
    expect(sink.bodies).toEqual([1, 3, [1, 2, 3]])
  })

  it('is seen by a strategy, which decides; those of core keep the first failure', async () => {
    const failures: unknown[] = []
    const swallowing = (old: Exchange | undefined, next: Exchange) => {
      failures.push(next.exception)
      next.exception = undefined
      next.halt = 0
      return old ?? next
    }
    const one = await run([
      from('source:in').split(body(), { aggregationStrategy: swallowing }).process(throwing(1)).end(),
    ])
    const { exchange, done } = one.source.bring([1, 2])
    await done
    expect(exchange.failed).toBe(false)
    expect(failures).toEqual([expect.objectContaining({ message: 'bad 1' }), undefined])
    await context?.stop()

    for (const aggregationStrategy of [useLatest(), groupedBody(), stringJoin(), useOriginal()]) {
      const { source } = await run([
        from('source:in').split(body(), { aggregationStrategy }).process(throwing(2)).end(),
      ])
      const other = source.bring([1, 2, 3])
      await other.done
      expect(other.exchange.exception).toMatchObject({ message: 'bad 2' })
      await context?.stop()
    }
  })

  it('because its work is called off ends the split, whatever its strategy or a threshold says of failures', async () => {
    const swallowing = (old: Exchange | undefined, next: Exchange) => {
      next.exception = undefined
      next.halt = 0
      return old ?? next
    }
    for (const options of [
      {},
      { aggregationStrategy: swallowing },
      { maxFailedRecords: 9 },
      { stopOnException: true },
    ]) {
      const { source, sink, outside } = await run([
        from('source:in')
          .errorHandler(deadLetterChannel('sink:dead'))
          .split(body(), options)
          .to('sink:part')
          .to('outside:part')
          .end()
          .to('sink:after'),
      ])
      const { exchange, done } = source.bring([1, 2, 3], it => {
        it.guard = { accepts: () => true, isValid: () => sink.bodies.length < 2 }
      })
      await done
      expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_NOT_LEADER' })
      expect((exchange.getProperty('CamelSplitResult') as SplitResult | undefined)?.failureCount ?? 0).toBe(0)
      expect(sink.bodies).toEqual([1, 2])
      expect(outside.bodies).toEqual([1])
      await context?.stop()
    }
  })

  it('changes nothing with useOriginal that does not propagate it', async () => {
    const aggregationStrategy = useOriginal({ propagateException: false })
    const { source } = await run([from('source:in').split(body(), { aggregationStrategy }).process(throwing(1)).end()])
    const { exchange, done } = source.bring([1, 2])
    await done
    expect(exchange.failed).toBe(false)
  })
})

describe('stopOnException', () => {
  it('ends the split at the first failure, and says its number', async () => {
    const { source, sink, log } = await run([
      from('source:in')
        .split(body(), { stopOnException: true })
        .process(throwing(2))
        .to('sink:part')
        .end()
        .to('sink:after'),
    ])
    const { exchange, done } = source.bring([1, 2, 3])
    await done
    expect(exchange.exception).toMatchObject({
      code: 'DROMEDARY_PART_FAILED',
      message: expect.stringMatching(/^Split processing failed for number 1\b.*bad 2/),
      cause: { message: 'bad 2' },
    })
    expect(sink.bodies).toEqual([1])
    expect(log.messages.filter(line => line.startsWith('error'))).toHaveLength(1)
  })

  it('closes the source that it does not read to its end', async () => {
    let closed = false
    function* source() {
      try {
        for (let n = 1; ; n++) yield n
      } finally {
        closed = true
      }
    }
    const { source: input } = await run([
      from('source:in').split(body(), { stopOnException: true, streaming: true }).process(throwing(3)).end(),
    ])
    await input.bring(source()).done
    expect(closed).toBe(true)
  })

  it('ends the exchange as handled where the part was dead-lettered', async () => {
    const { source, sink } = await run([
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead'))
        .split(body(), { stopOnException: true })
        .process(throwing(2))
        .end()
        .to('sink:after'),
    ])
    const { exchange, done } = source.bring([1, 2, 3])
    await done
    expect(exchange.failed).toBe(false)
    expect(sink.bodies).toEqual([2])
  })
})

describe('thresholds', () => {
  async function splits(options: object, items: unknown[], handler = defaultErrorHandler()) {
    const { source, sink } = await run([
      from('source:in')
        .errorHandler(handler)
        .split(body(), options)
        .process(part => throwing('bad')(part))
        .to('sink:part')
        .end()
        .to('sink:after'),
    ])
    const { exchange, done } = source.bring(items)
    await done
    const result = exchange.getProperty('CamelSplitResult') as SplitResult
    return { exchange, result, bodies: sink.bodies }
  }

  it('maxFailedRecords: fewer failures are tolerated, and told', async () => {
    const { exchange, result, bodies } = await splits({ maxFailedRecords: 2 }, [1, 'bad', 3])
    expect(exchange.failed).toBe(false)
    expect(result).toMatchObject({ totalItems: 3, successCount: 2, failureCount: 1, aborted: false })
    expect(result.failures).toEqual([{ index: 1, exception: expect.objectContaining({ message: 'bad bad' }) }])
    expect(bodies).toEqual([1, 3, [1, 'bad', 3]])
  })

  it('maxFailedRecords: the failure with that number ends the split, and fails the exchange', async () => {
    const { exchange, result, bodies } = await splits({ maxFailedRecords: 2 }, [1, 'bad', 'bad', 4])
    expect(exchange.exception).toMatchObject({
      code: 'DROMEDARY_PART_FAILED',
      message: expect.stringMatching(/2 of 3/),
    })
    expect(result).toMatchObject({ totalItems: 3, failureCount: 2, aborted: true })
    expect(bodies).toEqual([1])
  })

  it('errorThreshold: the share of those so far', async () => {
    expect((await splits({ errorThreshold: 0.5 }, [1, 2, 'bad', 4])).result).toMatchObject({ aborted: false })
    expect((await splits({ errorThreshold: 0.5 }, [1, 'bad', 3])).result).toMatchObject({
      aborted: true,
      totalItems: 2,
    })
  })

  it('count parts that were dead-lettered as well', async () => {
    const { exchange, result } = await splits({ maxFailedRecords: 1 }, ['bad', 2], deadLetterChannel('sink:dead'))
    expect(result).toMatchObject({ failureCount: 1, aborted: true })
    expect(result.failures[0]?.exception).toMatchObject({ message: 'bad bad' })
    expect(exchange.failed).toBe(true)
  })
})

describe('shareUnitOfWork', () => {
  const route = (options: object) =>
    from('source:in')
      .errorHandler(
        deadLetterChannel('sink:dead', { useOriginalMessage: true, maximumRedeliveries: 1, redeliveryDelay: 0 }),
      )
      .split(body(), options)
      .to('direct:line')
      .end()
      .to('sink:after')
  const tries: unknown[] = []
  const line = from('direct:line')
    .errorHandler(deadLetterChannel('sink:dead'))
    .process(part => {
      tries.push(part.body)
      throwing('b')(part)
    })
    .to('sink:line')

  it('a failure is dead-lettered once, as the whole, and no part is tried again', async () => {
    tries.length = 0
    const { source, sink, clock } = await run([route({ shareUnitOfWork: true }), line])
    const { exchange, done } = source.bring('a,b,c')
    await clock.advance(10)
    await done
    expect(sink.bodies).toEqual(['a', 'c', 'a,b,c'])
    expect(tries).toEqual(['a', 'b', 'c'])
    expect(exchange.failed).toBe(false)
  })

  it('what hangs on a part hangs on the whole', async () => {
    const order: string[] = []
    const { source } = await run([
      from('source:in')
        .split(body(), { shareUnitOfWork: true })
        .process(part => {
          part.unitOfWork.addSynchronization({ onComplete: exchange => void order.push(`end of ${exchange.body}`) })
        })
        .end()
        .process(() => void order.push('after')),
    ])
    await source.bring('a,b').done
    expect(order).toEqual(['after', 'end of a,b', 'end of a,b'])
  })
})
