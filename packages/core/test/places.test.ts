import { afterEach, describe, expect, it } from 'vitest'
import {
  createContext,
  DromedaryError,
  from,
  placeOfError,
  type RouteSource,
  recordPlaces,
  silentSink,
} from '../src/index.ts'
import { sources } from './support/source.ts'

afterEach(() => recordPlaces(() => undefined))

/** This file counts, as a project's would. */
const record = () =>
  recordPlaces(stack => {
    const [, line, column] = /places\.test\.ts:(\d+):(\d+)/.exec(stack) ?? []
    return line === undefined ? undefined : { file: 'places.test.ts', line: Number(line), column: Number(column) }
  })

async function placeOfStart(...routes: RouteSource[]): Promise<number | undefined> {
  const context = createContext({ routes, log: silentSink })
  const error = await context.start().then(
    () => undefined,
    error => error,
  )
  expect(error).toBeInstanceOf(Error)
  return placeOfError(error)?.line
}

/** The line of whoever calls, and so many below it. */
const here = (below = 0) =>
  Number(/places\.test\.ts:(\d+)/.exec((new Error().stack ?? '').split('\n')[2] ?? '')?.[1]) + below

describe('an error of a route knows where', () => {
  it('its from is written', async () => {
    record()
    const line = here(1)
    const route = from('driect:a').log('x')
    expect(await placeOfStart(from('direct:fine').log('x'), route)).toBe(line)
  })

  it('the step is written that it is about, also within a block, named, and of a builder that is shared', async () => {
    record()
    const begun = from('direct:a').log('x')
    const inBlock = begun.filter('${body} == 1')
    const line = here(1)
    const route = inBlock.to('lgo:x').id('out').end()
    expect(await placeOfStart(route)).toBe(line)
  })

  it.each([
    ['the component itself says so', new DromedaryError('DROMEDARY_START_FAILED', 'port taken')],
    ['or not', new Error('port taken')],
  ])('its from is written that does not start, also in a change, where %s', async (_, error) => {
    const { component, source } = sources()
    source('busy').onStart = () => Promise.reject(error)
    record()
    const line = here(1)
    const busy = from('source:busy')
    const fine = from('source:fine')
    await using context = createContext({ routes: [fine], components: [component], log: silentSink })
    await context.start()
    await expect(context.changeRoutes([fine, busy])).rejects.toSatisfy(thrown => placeOfError(thrown)?.line === line)
    await using other = createContext({ routes: [busy], components: [component], log: silentSink })
    await expect(other.start()).rejects.toSatisfy(thrown => placeOfError(thrown)?.line === line)
  })

  it('the route is written that cannot be made of its verbs', async () => {
    record()
    const line = here(1)
    const route = from('direct:a').id('nothing') as unknown as RouteSource
    expect(await placeOfStart(route)).toBe(line)
  })
})

it('nothing is remembered unless somebody asked for it', async () => {
  expect(await placeOfStart(from('driect:a').log('x'))).toBeUndefined()
})
