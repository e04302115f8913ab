import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
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
import { thrownBy } from './thrown-by.ts'

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

const indexOf = (exchange: Exchange) => exchange.getProperty('CamelSplitIndex')
const throwing = (bad: unknown) => (exchange: Exchange) => {
  if (exchange.body === bad) throw new Error(`bad ${bad}`)
}

describe('what is split into what', () => {
  async function parts(value: unknown, options = {}): Promise<unknown[]> {
    const { source, sink } = await run([from('source:in').split(body(), options).to('sink:part').end()])
    await source.bring(value).done
    await context?.stop()
    return sink.bodies
  }
  const asynchronous = (list: unknown[]) => ({
    async *[Symbol.asyncIterator]() {
      yield* list
    },
  })
  const object = { a: 1 }
  const bytes = new Uint8Array([1, 2])

  it.each<[string, unknown, object, unknown[]]>([
    ['a list', ['a', 'b'], {}, ['a', 'b']],
    ['a set', new Set([1, 2]), {}, [1, 2]],
    ['a map, by its entries', new Map([['a', 1]]), {}, [['a', 1]]],
    ['an iterator', ['a', 'b'][Symbol.iterator](), {}, ['a', 'b']],
    ['an object with next() alone', onceNext(7), {}, [7]],
    ['an asynchronous iterable', asynchronous([1, 2, 3]), {}, [1, 2, 3]],
    ['a text at commas', 'a,b,,c,', {}, ['a', 'b', '', 'c']],
    ['a text at its delimiter, word for word', 'a|.b|c', { delimiter: '|' }, ['a', '.b', 'c']],
    ['a text that is not cut', 'a,b', { delimiter: 'false' }, ['a,b']],
    ['any value as one item', ['a', 'b'], { delimiter: 'single' }, [['a', 'b']]],
    ['a blank text', '  ', {}, []],
    ['null', null, {}, []],
    ['an empty list', [], {}, []],
    ['an object', object, {}, [object]],
    ['bytes', bytes, {}, [bytes]],
    ['a number', 5, {}, [5]],
    ['null as an item', [null, 1], {}, [null, 1]],
    ['groups', [1, 2, 3, 4, 5], { group: 2 }, [[1, 2], [3, 4], [5]]],
  ])('%s', async (_, value, options, expected) => {
    expect(await parts(value, options)).toEqual(expected)
  })

  it.each<[string, () => unknown, object]>([
    ['an asynchronous iterable', () => asynchronous([1, 2, 3]), {}],
    ['a generator', () => [1, 2, 3].values(), {}],
    ['a text', () => '1,2,3', {}],
    ['a list', () => [1, 2, 3], {}],
  ])('%s, streaming: the same parts', async (_, value, options) => {
    const streamed = await parts(value(), { ...options, streaming: true })
    expect(streamed.map(Number)).toEqual([1, 2, 3])
    expect((await parts(value(), { streaming: true, group: 2 })) as unknown[][]).toHaveLength(2)
  })

  it('a promise is waited for', async () => {
    const { source, sink } = await run([
      from('source:in')
        .split(async () => ['a', 'b'])
        .to('sink:part')
        .end(),
    ])
    await source.bring().done
    expect(sink.bodies).toEqual(['a', 'b'])
  })

  it('a list that the parts change while it is split is split as it was', async () => {
    const list = [1, 2]
    const { source, sink } = await run([
      from('source:in')
        .split()
        .process(() => void list.push(9))
        .to('sink:part')
        .end(),
    ])
    await source.bring(list).done
    expect(sink.bodies).toEqual([1, 2])
  })
})

function onceNext(value: unknown) {
  let done = false
  return {
    next() {
      if (done) return { done: true, value: undefined }
      done = true
      return { done: false, value }
    },
  }
}

describe('a part', () => {
  it('is a copy with index, size and whether it is the last, its own id, and what the exchange has', async () => {
    const seen: unknown[] = []
    const { source } = await run([
      from('source:in')
        .setHeader('h', constant(1))
        .split()
        .process(part => {
          seen.push([indexOf(part), part.getProperty('CamelSplitSize'), part.getProperty('CamelSplitComplete')])
          expect(part.message.header('h')).toBe(1)
          expect(part.getProperty('CamelCorrelationId')).toBe(whole.id)
          expect(part.id).not.toBe(whole.id)
          part.message.setHeader('h', 2)
        })
        .end()
        .process(exchange => {
          expect(exchange.message.header('h')).toBe(1)
          expect(indexOf(exchange)).toBeUndefined()
        }),
    ])
    let whole!: Exchange
    const { exchange, done } = source.bring(['a', 'b', 'c'], it => {
      whole = it
    })
    await done
    expect(exchange.exception).toBeUndefined()
    expect(exchange.body).toEqual(['a', 'b', 'c'])
    expect(seen).toEqual([
      [0, 3, false],
      [1, 3, false],
      [2, 3, true],
    ])
  })

  it('has the size only if it is the last, streaming', async () => {
    const sizes: unknown[] = []
    const { source } = await run([
      from('source:in')
        .split(body(), { streaming: true })
        .process(part => void sizes.push(part.getProperty('CamelSplitSize')))
        .end(),
    ])
    await source.bring([1, 2, 3].values()).done
    expect(sizes).toEqual([undefined, undefined, 3])
  })

  it('ends its own unit of work, before the next part begins', async () => {
    const order: string[] = []
    const { source } = await run([
      from('source:in')
        .split()
        .process(part => {
          order.push(`part ${part.body}`)
          part.unitOfWork.addSynchronization({ onComplete: () => void order.push(`end ${part.body}`) })
        })
        .end()
        .process(() => void order.push('after')),
    ])
    await source.bring([1, 2]).done
    expect(order).toEqual(['part 1', 'end 1', 'part 2', 'end 2', 'after'])
  })

  it('that stops does not stop the whole', async () => {
    const { source, sink } = await run([from('source:in').split().stop().end().to('sink:after')])
    await source.bring([1, 2]).done
    expect(sink.bodies).toHaveLength(1)
  })

  it('is prepared before its steps, by a function or a bean, in any case', async () => {
    for (const onPrepare of ['deep', '#bean:deep', (part: Exchange) => void part.message.setHeader('deep', 1)]) {
      const { source, sink } = await run(
        [from('source:in').split(body(), { onPrepare }).setBody('${header.deep}').to('sink:part').end()],
        { beans: { deep: async (part: Exchange) => void part.message.setHeader('deep', 1) } },
      )
      await source.bring(['x']).done
      expect(sink.bodies).toEqual([1])
      await context?.stop()
    }
  })
})

describe('without a promise', () => {
  it('while parts need none', async () => {
    const { source, sink } = await run([from('source:in').split().to('sink:part').end().to('sink:after')])
    expect(source.bring([1, 2]).done).toBeUndefined()
    expect(sink.bodies).toEqual([1, 2, [1, 2]])
  })

  it('lets timers run during very many parts', async () => {
    let ticks = 0
    const { source } = await run([
      from('source:in')
        .split()
        .process(() => {})
        .end(),
    ])
    const timer = setInterval(() => ticks++, 1)
    await source.bring(Array.from({ length: 400_000 }, () => 0)).done
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(1)
  })

  it('goes on after any mix of parts that wait and parts that do not', async () => {
    const { source, sink } = await run([
      from('source:in')
        .split(body(), { aggregationStrategy: stringJoin('') })
        .process(part => ((part.body as number) % 3 === 0 ? settle() : undefined))
        .end()
        .to('sink:all'),
    ])
    await source.bring([1, 2, 3, 4, 5, 6, 7]).done
    expect(sink.bodies).toEqual(['1234567'])
  })
})

describe('what comes out', () => {
  const out = async (aggregationStrategy: never, value: unknown) => {
    const { source } = await run([
      from('source:in').split(body(), { aggregationStrategy }).setProperty('seen', body()).setHeader('n', body()).end(),
    ])
    const { exchange, done } = source.bring(value)
    await done
    return exchange
  }

  it('is what the strategy makes: body, headers and properties, but not those of a part', async () => {
    const exchange = await out(groupedBody() as never, ['a', 'b'])
    expect(exchange.body).toEqual(['a', 'b'])
    expect(exchange.message.header('n')).toBe('a')
    expect(exchange.getProperty('seen')).toBe('a')
    expect(indexOf(exchange)).toBeUndefined()
  })

  it('is the exchange itself without a strategy, with useOriginal, or without a part', async () => {
    expect((await out(undefined as never, ['a'])).message.header('n')).toBeUndefined()
    expect((await out(useOriginal() as never, ['a'])).message.header('n')).toBeUndefined()
    expect((await out(useLatest() as never, [])).body).toEqual([])
  })

  it('may take time, and come from a bean; its end is told', async () => {
    const told: unknown[] = []
    const { source } = await run([from('source:in').split(body(), { aggregationStrategy: '#join' }).end()], {
      beans: {
        join: {
          aggregate: async (old: Exchange | undefined, next: Exchange) => {
            await settle()
            if (old) old.body = `${old.body}${next.body}`
            return old ?? next
          },
          onCompletion: (exchange: Exchange) => void told.push(exchange.body),
        },
      },
    })
    const { exchange, done } = source.bring(['a', 'b', 'c'])
    await done
    expect(exchange.body).toBe('abc')
    expect(told).toEqual(['abc'])
  })

  it('a strategy that fails fails the exchange, and the split is tried again', async () => {
    let calls = 0
    const { source, sink, clock } = await run([
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 1, redeliveryDelay: 0 }))
        .split(body(), {
          aggregationStrategy: (_, next) => {
            if (calls++ === 0) throw new Error('no')
            return next
          },
        })
        .to('sink:part')
        .end(),
    ])
    const { exchange, done } = source.bring(['a'])
    await clock.advance(1)
    await done
    expect(exchange.exception).toBeUndefined()
    expect(sink.bodies).toEqual(['a', 'a'])
  })
})

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

describe('refused at start', () => {
  it.each([
    ['stopOnException with maxFailedRecords', { stopOnException: true, maxFailedRecords: 1 }, /stopOnException/],
    ['stopOnException with errorThreshold', { stopOnException: true, errorThreshold: 0.1 }, /stopOnException/],
    ['timeout without parallelProcessing', { timeout: '1s' }, /parallelProcessing/],
    ['an empty delimiter', { delimiter: '' }, /delimiter/],
  ])('%s', async (_, options, message) => {
    await expect(
      run([
        from('source:in')
          .split(body(), options as object)
          .end(),
      ]),
    ).rejects.toThrow(message)
  })

  it('an option that there is not, or out of range, where it is written', () => {
    const error = thrownBy(() => from('direct:a').split(body(), { poolSize: 0, groop: 1 } as object))
    expect(error).toMatchObject({ code: 'DROMEDARY_INVALID_OPTION', message: expect.stringMatching(/poolSize.*groop/) })
  })

  it('a strategy that is no strategy', async () => {
    const rejected = run([from('source:in').split(body(), { aggregationStrategy: 'none' }).end()])
    await expect(rejected).rejects.toMatchObject({ code: 'DROMEDARY_UNKNOWN_BEAN' })
  })
})

it('knows the types of parts and of what comes out', () => {
  interface Order {
    readonly lines: readonly { readonly sku: string }[]
  }
  from('direct:a')
    .process<Order>(() => {})
    .split(exchange => exchange.body.lines)
    .process(part => expectTypeOf(part.body).toEqualTypeOf<{ readonly sku: string }>())
    .end()
    .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<Order>())
    .split(exchange => exchange.body.lines, { group: 2, aggregationStrategy: groupedBody<string>() })
    .process(part => expectTypeOf(part.body).toEqualTypeOf<{ readonly sku: string }[]>())
    .end()
    .process(exchange => expectTypeOf(exchange.body).toEqualTypeOf<string[]>())
    .split()
    .process(part => expectTypeOf(part.body).toEqualTypeOf<string>())
  from('direct:a')
    .split()
    .process(part => expectTypeOf(part.body).toBeUnknown())
})
