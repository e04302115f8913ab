import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import {
  body,
  type Context,
  type ContextOptions,
  constant,
  defaultErrorHandler,
  type Exchange,
  from,
  groupedBody,
  type RouteSource,
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
    await source.bring([1, 2]).done
    expect(sizes).toEqual([undefined, undefined, 3, undefined, 2])
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
