import { expect, it } from 'vitest'
import type { ClusterService } from '../src/cluster.ts'
import { type Component, defineComponent } from '../src/component.ts'
import { createContext, from, isDromedaryError, silentSink, VERSION } from '../src/index.ts'
import { thrownBy } from './thrown-by.ts'

const nothing = defineComponent({
  scheme: 'nothing',
  title: 'Nothing.',
  syntax: 'name',
  path: { name: 'Any.' },
  consumes: false,
  produces: true,
  endpoint: at => ({ uri: at.uri, producer: () => ({ external: false, send: () => {} }) }),
})

/** As another version would have made it; undefined: nobody says. */
function madeBy(version: string | undefined): Component {
  return {
    scheme: nothing.scheme,
    meta: nothing.meta,
    endpoint: nothing.endpoint,
    ...(version && { '~core': version }),
  }
}

it('stamps what it makes with its version', () => {
  expect(nothing['~core']).toBe(VERSION)
  expect(nothing({})['~core']).toBe(VERSION)
  expect(from('direct:a').setBody('x')).toMatchObject({ '~core': VERSION })
})

it('refuses a component of another version, and says how to find out who brings it', () => {
  const error = thrownBy(() => createContext({ log: silentSink, routes: [], components: [madeBy('9.9.9')] }))
  expect(error.code).toBe('DROMEDARY_TWO_CORES')
  expect(error.message).toMatch(/component nothing was made by .* 9\.9\.9.*npm ls @dromedary\/core/)
})

it('refuses a route of another version at start, its URI masked', async () => {
  const route = { definition: from('direct:a?password=secret').definition, '~core': '9.9.9' }
  const context = createContext({ log: silentSink, routes: [route] })
  const error: unknown = await context.start().catch(thrown => thrown)
  expect(isDromedaryError(error, 'DROMEDARY_TWO_CORES'), String(error)).toBe(true)
  expect(String(error)).not.toContain('secret')
})

it('refuses a cluster service of another version', () => {
  const cluster = { id: 'other', '~core': '9.9.9' } as ClusterService
  expect(thrownBy(() => createContext({ log: silentSink, routes: [], cluster })).message).toContain(
    'cluster service other',
  )
})

it('takes a second copy of the same version, and what does not say by whom it was made', async () => {
  for (const version of [VERSION, undefined]) {
    const component = madeBy(version)
    const route = { definition: from('direct:a').to('nothing:x').definition, '~core': VERSION }
    const plain = from('direct:b').to('nothing:y').definition
    const context = createContext({ log: silentSink, routes: [route, plain], components: [component] })
    await context.start()
    await context.template.sendBody('direct:a', 'x')
    await context.stop()
  }
})
