import { expect, it } from 'vitest'
import { createContext, type ExchangeEvent, from, silentSink } from '../src/index.ts'
import { sources } from './support/source.ts'

it('tells of each exchange and step only while somebody listens, with the same outcome', async () => {
  const input = sources()
  const context = createContext({
    log: silentSink,
    components: [input.component],
    routes: [
      from('source:in')
        .routeId('r')
        .setBody('${body}!')
        .process(exchange => {
          if (exchange.body === 'bad!') throw new Error('no')
        })
        .id('check'),
    ],
  })
  await context.start()
  expect(input.source('in').bring('x').done).toBeUndefined()

  const events: ExchangeEvent[] = []
  const subscription = context.exchanges.subscribe(event => void events.push(event))
  await input.source('in').bring('good').done
  const { exchange, done } = input.source('in').bring('bad')
  await done
  subscription.unsubscribe()
  expect(input.source('in').bring('x').done).toBeUndefined()

  expect(exchange.exception).toMatchObject({ message: 'no' })
  const told = events.map(event => ('stepId' in event ? `${event.stepId}${event.error ? ' failed' : ''}` : event.type))
  expect(told).toEqual(['created', 'setBody1', 'check', 'completed', 'created', 'setBody1', 'check failed', 'failed'])
  expect(events.every(event => event.routeId === 'r')).toBe(true)
  await context.stop()
})
