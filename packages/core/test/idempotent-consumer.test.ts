import { afterEach, describe, expect, it } from 'vitest'
import {
  type Context,
  type ContextOptions,
  createContext,
  deadLetterChannel,
  defaultErrorHandler,
  type Exchange,
  from,
  type IdempotentRepository,
  memoryIdempotentRepository,
  NAMES,
  noErrorHandler,
  type RouteSource,
} from '../src/index.ts'
import { keepingSink } from './support/log.ts'
import { sinks } from './support/sink.ts'
import { sources } from './support/source.ts'

const { component, source } = sources()
let context: Context | undefined
let sink = sinks()
let log = keepingSink()

async function run(routes: RouteSource | RouteSource[], options: Partial<ContextOptions> = {}) {
  await context?.stop()
  log = keepingSink()
  context = createContext({ log, ...options, routes: [routes].flat(), components: [component, sink.component] })
  await context.start()
  return source('in')
}
afterEach(async () => {
  await context?.stop()
  context = undefined
  sink = sinks()
})

/** The memory repository, with what was asked of it; asynchronous where told. */
function recording(later = false) {
  const memory = memoryIdempotentRepository()
  const calls: string[] = []
  const call = <T>(name: string, key: string, run: () => T): T | Promise<T> => {
    calls.push(`${name} ${key}`)
    return later ? new Promise(resolve => setImmediate(() => resolve(run()))) : run()
  }
  const repository: IdempotentRepository = {
    add: (key, exchange) => call('add', key, () => memory.add(key, exchange) as boolean),
    contains: (key, exchange) => call('contains', key, () => memory.contains(key, exchange) as boolean),
    remove: (key, exchange) => call('remove', key, () => memory.remove(key, exchange) as undefined),
    confirm: (key, exchange) => call('confirm', key, () => memory.confirm(key, exchange) as undefined),
  }
  return { repository, calls }
}

const failOn = (body: unknown) => (exchange: Exchange) => {
  if (exchange.body === body) throw new Error('no')
}

describe.each([
  ['synchronous', false],
  ['asynchronous', true],
])('with a repository that is %s', (_, later) => {
  it('the steps run once per key; the route goes on after them either way', async () => {
    const { repository, calls } = recording(later)
    const input = await run(
      from('source:in').idempotentConsumer('${header.id}', repository).to('sink:once').end().to('sink:always'),
    )
    for (const id of ['a', 'b', 'a']) {
      const { done } = input.bring(id, exchange => exchange.message.setHeader('id', id))
      expect(done === undefined).toBe(!later)
      await done
    }
    expect(sink.bodies).toEqual(['a', 'a', 'b', 'b', 'a'])
    expect(calls).toEqual(['add a', 'confirm a', 'add b', 'confirm b', 'add a'])
  })

  it('the key of a message that failed is new again', async () => {
    const { repository, calls } = recording(later)
    let fails = true
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', repository)
        .process(() => {
          if (fails) throw new Error('no')
        })
        .to('sink:once')
        .end(),
    )
    await input.bring('a').done
    fails = false
    await input.bring('a').done
    expect(sink.bodies).toEqual(['a'])
    expect(calls).toEqual(['add a', 'remove a', 'add a', 'confirm a'])
  })

  it('with eager=false the key is taken when the message is done', async () => {
    const { repository, calls } = recording(later)
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', repository, { eager: false })
        .process(() => void calls.push('steps'))
        .process(failOn('bad'))
        .end(),
    )
    await input.bring('a').done
    await input.bring('a').done
    await input.bring('bad').done
    expect(calls).toEqual(['contains a', 'steps', 'add a', 'confirm a', 'contains a', 'contains bad', 'steps'])
  })

  it('with completionEager=true the message is done at the end of the steps', async () => {
    const { repository, calls } = recording(later)
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', repository, { completionEager: true })
        .process(failOn('bad'))
        .end()
        .process(() => void calls.push('after'))
        .process(failOn('late')),
    )
    for (const body of ['a', 'bad', 'late']) await input.bring(body).done
    expect(calls).toEqual(['add a', 'confirm a', 'after', 'add bad', 'remove bad', 'add late', 'confirm late', 'after'])
  })

  it('with removeOnFailure=false the key stays, whichever way the message ends', async () => {
    const { repository, calls } = recording(later)
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', repository, { removeOnFailure: false })
        .process(failOn('bad'))
        .to('sink:once')
        .end(),
    )
    await input.bring('bad').done
    await input.bring('bad').done
    expect(sink.bodies).toEqual([])
    expect(calls).toEqual(['add bad', 'confirm bad', 'add bad'])
  })

  it('with completionEager=true and removeOnFailure=false the key stays at the end of the steps', async () => {
    const { repository, calls } = recording(later)
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', repository, { completionEager: true, removeOnFailure: false })
        .process(failOn('bad'))
        .end(),
    )
    await input.bring('bad').done
    expect(calls).toEqual(['add bad', 'confirm bad'])
  })

  it('with eager=false and removeOnFailure=false the key of a failed message is taken at its end', async () => {
    const { repository, calls } = recording(later)
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', repository, { eager: false, removeOnFailure: false })
        .process(failOn('bad'))
        .end(),
    )
    await input.bring('bad').done
    expect(calls).toEqual(['contains bad', 'add bad', 'confirm bad'])
  })
})

describe('a duplicate', () => {
  it('with skipDuplicate=false runs the steps and is marked; others are not', async () => {
    const seen: unknown[] = []
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', memoryIdempotentRepository(), { skipDuplicate: false })
        .process(exchange => void seen.push(exchange.getProperty(NAMES.duplicateMessage)))
        .end(),
    )
    input.bring('a')
    input.bring('a')
    // One that comes with the mark of another idempotentConsumer.
    input.bring('b', exchange => exchange.setProperty(NAMES.duplicateMessage, true))
    expect(seen).toEqual([undefined, true, undefined])
  })

  it('that is skipped is marked as well', async () => {
    const input = await run(from('source:in').idempotentConsumer('${body}', memoryIdempotentRepository()).end())
    input.bring('a')
    expect(input.bring('a').exchange.getProperty('CamelDuplicateMessage')).toBe(true)
  })

  it('that fails does not give back the key of the first', async () => {
    const { repository, calls } = recording()
    let fails = false
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', repository, { skipDuplicate: false })
        .process(() => {
          if (fails) throw new Error('no')
        })
        .end(),
    )
    input.bring('a')
    fails = true
    input.bring('a')
    expect(calls).toEqual(['add a', 'confirm a', 'add a'])
  })

  it('is seen while the first is under way; if the first fails, the next is new', async () => {
    const ends: ((fail: boolean) => void)[] = []
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', memoryIdempotentRepository())
        .process(async () => {
          if (await new Promise(resolve => ends.push(resolve))) throw new Error('no')
        })
        .to('sink:once')
        .end(),
    )
    const first = input.bring('a')
    const second = input.bring('a')
    expect(second.done).toBeUndefined()
    expect(second.exchange.getProperty(NAMES.duplicateMessage)).toBe(true)
    ends[0]?.(true)
    await first.done
    const third = input.bring('a')
    ends[1]?.(false)
    await third.done
    expect(sink.bodies).toEqual(['a'])
  })

  it('with eager=false is not seen while the first is under way', async () => {
    const ends: (() => void)[] = []
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', memoryIdempotentRepository(), { eager: false })
        .process(() => new Promise<void>(resolve => ends.push(resolve)))
        .to('sink:once')
        .end(),
    )
    const both = [input.bring('a').done, input.bring('a').done]
    for (const end of ends) end()
    await Promise.all(both)
    expect(sink.bodies).toEqual(['a', 'a'])
  })
})

describe('the end of the message', () => {
  it('is the end of the whole exchange, after the steps behind the block', async () => {
    const { repository, calls } = recording()
    const input = await run(
      from('source:in')
        .idempotentConsumer('${body}', repository)
        .end()
        .process(() => void calls.push('after'))
        .process(failOn('bad')),
    )
    input.bring('a')
    input.bring('bad')
    expect(calls).toEqual(['add a', 'after', 'confirm a', 'add bad', 'after', 'remove bad'])
  })

  it('is that of the calling route where the block stands in a route that was called', async () => {
    const { repository, calls } = recording()
    const input = await run([
      from('source:in')
        .to('direct:once')
        .process(() => void calls.push('caller goes on')),
      from('direct:once').idempotentConsumer('${body}', repository).to('sink:once').end(),
    ])
    input.bring('a')
    expect(calls).toEqual(['add a', 'caller goes on', 'confirm a'])
  })

  it('of a dead letter is in order: the message was dealt with', async () => {
    const { repository, calls } = recording()
    const input = await run(
      from('source:in')
        .errorHandler(deadLetterChannel('sink:dead'))
        .idempotentConsumer('${body}', repository)
        .process(failOn('bad'))
        .end(),
    )
    input.bring('bad')
    expect(calls).toEqual(['add bad', 'confirm bad'])
  })

  it('of one that was called off is a failure: the source brings it again', async () => {
    const { repository, calls } = recording()
    sink = sinks({ external: true })
    const input = await run(from('source:in').idempotentConsumer('${body}', repository).to('sink:out').end())
    input.bring('a', exchange => {
      exchange.guard = { accepts: () => true, isValid: () => false }
    })
    expect(calls).toEqual(['add a', 'remove a'])
  })
})

describe('a failed step', () => {
  it('is redelivered alone: the key is not asked for again', async () => {
    const { repository, calls } = recording()
    let left = 2
    const input = await run(
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 3, redeliveryDelay: 0 }))
        .idempotentConsumer('${body}', repository)
        .process(() => {
          if (left-- > 0) throw new Error('no')
        })
        .to('sink:once')
        .end(),
    )
    await input.bring('a').done
    expect([sink.bodies, calls]).toEqual([['a'], ['add a', 'confirm a']])
  })

  it.each([
    ['', {}, ['add a', 'remove a', 'add a', 'confirm a']],
    [', with completionEager', { completionEager: true }, ['add a', 'remove a', 'add a', 'confirm a']],
    [', with removeOnFailure=false', { removeOnFailure: false }, ['add a', 'remove a', 'add a', 'confirm a']],
  ])('in a route that the caller calls again is no duplicate of itself%s', async (_, options, expected) => {
    const { repository, calls } = recording()
    let left = 1
    const input = await run([
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 3, redeliveryDelay: 0 }))
        .to('direct:once'),
      from('direct:once')
        .errorHandler(noErrorHandler())
        .idempotentConsumer('${body}', repository, options)
        .process(() => {
          if (left-- > 0) throw new Error('no')
        })
        .to('sink:once')
        .end(),
    ])
    const { exchange, done } = input.bring('a')
    await done
    expect([sink.bodies, exchange.failed]).toEqual([['a'], false])
    // The failed run has its own end, which finds the key confirmed.
    expect(calls.slice(0, 3)).toEqual(expected.slice(0, 3))
    expect(calls.filter(call => call.startsWith('remove'))).toHaveLength(1)
    input.bring('a')
    expect(sink.bodies).toEqual(['a'])
  })

  it('that goes past the block and is dealt with further out leaves the key confirmed', async () => {
    const repository = memoryIdempotentRepository()
    const input = await run([
      from('source:in').onException(Error).handled(true).end().to('direct:once'),
      from('direct:once')
        .errorHandler(noErrorHandler())
        .idempotentConsumer('${body}', repository)
        .process(failOn('a'))
        .end(),
    ])
    input.bring('a')
    expect(repository.size).toBe(1)
  })

  it('of the repository fails the exchange, and is redelivered', async () => {
    const memory = memoryIdempotentRepository()
    let left = 1
    const flaky: IdempotentRepository = {
      ...memory,
      add(key, exchange) {
        if (left-- > 0) throw new Error('store is down')
        return memory.add(key, exchange)
      },
    }
    const input = await run(
      from('source:in')
        .errorHandler(defaultErrorHandler({ maximumRedeliveries: 1, redeliveryDelay: 0 }))
        .idempotentConsumer('${body}', flaky)
        .to('sink:once')
        .end(),
    )
    await input.bring('a').done
    expect(sink.bodies).toEqual(['a'])
  })
})

describe('copies inside of the block', () => {
  it('belong to the message: its key is confirmed when it has ended, once', async () => {
    const { repository, calls } = recording()
    const input = await run(
      from('source:in')
        .idempotentConsumer('${header.id}', repository)
        .split('${body}')
        .process(exchange => void calls.push(`part ${exchange.body}`))
        .process(failOn('bad'))
        .end()
        .end()
        .process(() => void calls.push('after')),
    )
    const bring = (body: string) => input.bring(body, exchange => exchange.message.setHeader('id', 'k')).done
    await bring('1,bad')
    await bring('1,2')
    await bring('1,2')
    expect(calls).toEqual([
      'add k',
      'part 1',
      'part bad',
      'remove k',
      'add k',
      'part 1',
      'part 2',
      'after',
      'confirm k',
      'add k',
      'after',
    ])
  })

  it('each have their own end where the block stands in the split', async () => {
    const { repository, calls } = recording()
    const input = await run(
      from('source:in')
        .split('${body}')
        .idempotentConsumer('${body}', repository)
        .to('sink:once')
        .end()
        .end()
        .process(() => void calls.push('after')),
    )
    await input.bring('1,2,1').done
    expect(sink.bodies).toEqual(['1', '2'])
    expect(calls).toEqual(['add 1', 'confirm 1', 'add 2', 'confirm 2', 'add 1', 'after'])
  })
})

describe('a key', () => {
  it.each([
    ['nothing', '${header.missing}'],
    ['an empty text', ''],
  ])('that is %s fails the message', async (_, key) => {
    const input = await run(
      from('source:in').routeId('orders').idempotentConsumer(key, memoryIdempotentRepository()).to('sink:once').end(),
    )
    const { exchange } = input.bring('x')
    expect(exchange.exception).toMatchObject({ code: 'DROMEDARY_EXPRESSION_FAILED', message: /no key .* route orders/ })
    expect(sink.bodies).toEqual([])
  })

  it('may be a number, a buffer, a promise', async () => {
    const repository = memoryIdempotentRepository()
    const input = await run(
      from('source:in')
        .idempotentConsumer(async exchange => exchange.body, repository)
        .to('sink:once')
        .end(),
    )
    for (const body of [7, '7', Buffer.from('7')]) await input.bring(body).done
    expect(sink.bodies).toEqual([7])
  })
})

describe('the repository', () => {
  it('may be a bean', async () => {
    const repository = memoryIdempotentRepository()
    for (const name of ['#seen', '#bean:seen', 'seen']) {
      const input = await run(from('source:in').idempotentConsumer('${body}', name).end(), {
        beans: { seen: repository },
      })
      input.bring(name)
    }
    expect(repository.size).toBe(3)
  })

  it('must be one', async () => {
    const route = from('source:in').idempotentConsumer('${body}', '#seen').end()
    await expect(run(route)).rejects.toMatchObject({
      code: 'DROMEDARY_UNKNOWN_BEAN',
      message: /idempotentConsumer1 in route route1 names seen: there is no such bean/,
    })
    await expect(run(route, { beans: { seen: {} } })).rejects.toThrow(/not an idempotent repository/)
  })

  it('is started once before the first route that uses it, and stopped after the last', async () => {
    const events: string[] = []
    const repository: IdempotentRepository = {
      ...memoryIdempotentRepository(),
      start: async () => void events.push('start'),
      stop: async () => void events.push('stop'),
    }
    const route = (name: string) => from(`source:${name}`).routeId(name).idempotentConsumer('${body}', repository).end()
    await run([route('in'), route('two')])
    expect(events).toEqual(['start'])
    await context?.route('in').stop()
    expect(events).toEqual(['start'])
    await context?.route('two').stop()
    expect(events).toEqual(['start', 'stop'])
    await context?.route('in').start()
    expect(events).toEqual(['start', 'stop', 'start'])
    await context?.stop()
    expect(events).toEqual(['start', 'stop', 'start', 'stop'])
  })

  it('that does not start keeps its route from starting', async () => {
    let broken = true
    const repository: IdempotentRepository = {
      ...memoryIdempotentRepository(),
      start: async () => {
        if (broken) throw new Error('no store')
      },
    }
    const route = from('source:in').idempotentConsumer('${body}', repository).to('sink:once').end()
    await expect(run(route)).rejects.toThrow(/no store/)
    broken = false
    const input = await run(route)
    input.bring('a')
    expect(sink.bodies).toEqual(['a'])
  })

  it('that fails at the end of a message is logged', async () => {
    const repository: IdempotentRepository = {
      ...memoryIdempotentRepository(),
      confirm: async () => {
        throw new Error('store is down')
      },
    }
    const input = await run(from('source:in').idempotentConsumer('${body}', repository).to('sink:once').end())
    const { exchange, done } = input.bring('a')
    await done
    expect(exchange.failed).toBe(false)
    expect(log.messages.join()).toMatch(/warn context: a callback at the end .* store is down/)
  })
})

it('is plain data that does not freeze the repository', () => {
  const repository = memoryIdempotentRepository()
  const { steps } = from('direct:a').idempotentConsumer('${body}', repository).stop().end().definition
  expect(steps).toEqual([
    {
      kind: 'idempotentConsumer',
      expression: { language: 'simple', expression: '${body}' },
      idempotentRepository: { ref: repository },
      eager: true,
      completionEager: false,
      skipDuplicate: true,
      removeOnFailure: true,
      steps: [{ kind: 'stop' }],
    },
  ])
  expect(Object.isFrozen(repository)).toBe(false)
})
