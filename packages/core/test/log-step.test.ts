import { expect, it } from 'vitest'
import { createContext, from } from '../src/index.ts'
import { keepingSink } from './support/log.ts'

it('names the endpoint of its route where the exchange came from none, such as from a template', async () => {
  const sink = keepingSink()
  await using context = createContext({
    log: sink,
    routes: [from('direct:a?block=true').routeId('a').log('a ${body}')],
  })
  await context.start()
  await context.template.sendBody('direct:a', 1)
  expect(sink.records.filter(({ category }) => category === 'a').map(({ origin }) => origin)).toEqual(['direct://a'])
})
