import { expect, it } from 'vitest'
import { routes } from '../src/routes.ts'
import { routes as typedRoutes } from '../src/typed-routes.ts'

it('string URIs and endpoint calls give equal definitions', () => {
  const definitions = routes.map(({ definition }) => definition)
  expect(definitions.map(({ id }) => id)).toEqual(['heartbeat', 'clustered'])
  expect(typedRoutes.map(({ definition }) => definition)).toEqual(definitions)
})
