import { createContext, from, isDromedaryError, silentSink } from '@dromedary/core'
import { defineComponent } from '@dromedary/core/component'
import { FakeClock, memoryCluster } from '@dromedary/testing'
import { describe, expect, it } from 'vitest'
import { type MasterOptions, master } from '../src/index.ts'
import { tick } from './cluster-kit.ts'
import { ScriptedCluster } from './kit.ts'

const sink = defineComponent({
  scheme: 'sink',
  title: 'Takes anything.',
  syntax: 'name',
  path: { name: 'Any.' },
  consumes: false,
  produces: true,
  endpoint: at => ({ uri: at.uri, producer: () => ({ external: true, send: () => {} }) }),
})

async function startError(uri: string, options: { cluster?: boolean; master?: MasterOptions } = {}): Promise<unknown> {
  const clock = new FakeClock()
  const context = createContext({
    clock,
    components: [master(options.master ?? {}), tick, sink],
    routes: [from(uri).routeId('r').log('x')],
    log: silentSink,
    ...(options.cluster === false ? {} : { cluster: memoryCluster({ clock }).member() }),
  })
  try {
    await context.start()
    return undefined
  } catch (error) {
    return error
  } finally {
    void context.stop()
    await clock.advance(100)
  }
}

describe('a master: endpoint', () => {
  it('starts on a member that does not lead', async () => {
    expect(await startError('master:ns:tick:x?every=5s')).toBeUndefined()
  })

  it.each([
    ['master:ns', 'DROMEDARY_INVALID_URI', /delegateUri is missing.*master:namespace:delegateUri/],
    ['master::tick:x', 'DROMEDARY_INVALID_URI', /namespace is missing/],
    ['master:ns:tick:x?evry=5s', 'DROMEDARY_UNKNOWN_OPTION', /tick has no option evry.*did you mean every/],
    ['master:ns:tick:x?every=soon', 'DROMEDARY_INVALID_OPTION', /every/],
    ['master:ns:tack:x', 'DROMEDARY_UNKNOWN_SCHEME', /tack.*did you mean tick/],
    ['master:ns:sink:x', 'DROMEDARY_UNSUPPORTED', /cannot consume from sink:\/\/x, which can only be sent to/],
  ])('%s fails everywhere at start', async (uri, code, message) => {
    const error = await startError(uri)
    expect(isDromedaryError(error, code), String(error)).toBe(true)
    expect(String((error as Error).message)).toMatch(message)
  })

  it('without a cluster service it says what to do', async () => {
    const error = await startError('master:ns:tick:x', { cluster: false })
    expect(isDromedaryError(error, 'DROMEDARY_CLUSTER_MISSING')).toBe(true)
    expect((error as Error).message).toMatch(/master:\/\/ns:tick:x needs a cluster service.*createContext\(\{ cluster/)
  })

  it('cannot be sent to', async () => {
    const context = createContext({
      components: [master, tick],
      routes: [],
      log: silentSink,
      cluster: new ScriptedCluster(),
    })
    expect(context.endpoint('master:ns:tick:x').producer).toBeUndefined()
  })

  it('takes a cluster service of its own instead of the one of the context', async () => {
    const own = new ScriptedCluster()
    expect(await startError('master:ns:tick:x', { cluster: false, master: { service: own } })).toBeUndefined()
    expect(own.campaigns).toBe(1)
  })

  it('refuses defaults of the wrong type, and options that it does not have', () => {
    const codeOf = (options: object) => {
      try {
        master(options as MasterOptions)
      } catch (error) {
        return (error as { code?: string }).code
      }
    }
    expect(codeOf({ backOffDelay: 'soon' })).toBe('DROMEDARY_INVALID_OPTION')
    expect(codeOf({ service: {} })).toBe('DROMEDARY_INVALID_OPTION')
    expect(codeOf({ onOverrun: 'exit' })).toBe('DROMEDARY_INVALID_OPTION')
    expect(codeOf({ backOffMaxAttempt: 1 })).toBe('DROMEDARY_UNKNOWN_OPTION')
  })

  it('is an endpoint when called with a namespace and a delegate', () => {
    expect(master('{{node.namespace}}', tick('clustered', { every: '5s' })).uri).toBe(
      'master:{{node.namespace}}:tick:clustered?every=5s',
    )
  })

  it('lists its options for the docs', () => {
    expect(master.meta.wraps).toBe(true)
    expect(master.meta.options.map(option => [option.name, option.default])).toEqual([
      ['namespace', undefined],
      ['delegateUri', undefined],
      ['service', undefined],
      ['backOffDelay', '5s'],
      ['backOffMaxAttempts', '10'],
      ['onOverrun', undefined],
      ['onStandby', undefined],
    ])
  })
})
