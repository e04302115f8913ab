import { expect, it } from 'vitest'
import { createContext, direct, from, type RouteSource, silentSink } from '../src/index.ts'

const properties = new Map([
  ['used', '1'],
  ['unused', '1'],
  ['through', 'a {{inner}}'],
  ['inner', '1'],
])

const routes = (): RouteSource[] => [
  from('direct:a').routeId('body').setBody('{{used}}'),
  from('direct:b').routeId('block').filter('${body} == {{used}}').setBody('x').end(),
  from('direct:c').routeId('through').setBody('{{through}}'),
  from('direct:d{{used}}').routeId('uri').setBody('x'),
  from('direct:e').routeId('none').setBody('x'),
]

it('routes that use a property are replaced when it has another value, and no others', async () => {
  await using context = createContext({
    components: [direct],
    routes: routes(),
    properties: { property: key => properties.get(key) },
    log: silentSink,
  })
  await context.start()
  const replacedAfter = async (key: string) => {
    properties.set(key, '2')
    return (await context.changeRoutes(routes())).replaced
  }
  expect(await replacedAfter('unused')).toEqual([])
  expect(await replacedAfter('inner')).toEqual(['through'])
  expect(await replacedAfter('used')).toEqual(['body', 'block', 'uri'])
  expect((await context.changeRoutes(routes())).kept).toHaveLength(5)
})
