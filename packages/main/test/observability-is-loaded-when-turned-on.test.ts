import { type LogSink, silentSink } from '@dromedary/core'
import { FakeClock } from '@dromedary/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { chooseObservation } from '../src/observe/choose.ts'
import type { Observability, Observation } from '../src/observe/observability.ts'
import { configured, type Written } from './support.ts'

const log: LogSink = silentSink
const given = { name: 'app', clock: new FakeClock(), log }

/** One that tells when it is loaded and what it is made of. */
function observing() {
  const told: unknown[] = []
  const observability: Observability = {
    schema: z.object({ port: z.coerce.number().default(9876), blockedLoopLimit: z.string().optional() }),
    create: (options, more) => {
      told.push([options, more])
      return { stop: async () => {} } as unknown as Observation
    },
  }
  const load = async () => {
    told.push('load')
    return observability
  }
  return { load, told }
}

async function choice(written: Written) {
  const { load, told } = observing()
  return { chosen: await chooseObservation(await configured(written), load, given), told }
}

it('is off unless it is turned on: nothing is loaded, and its keys are not looked at', async () => {
  expect(await choice({})).toEqual({ chosen: undefined, told: [] })
  expect(await choice({ yaml: 'observe: { enabled: false, prot: 1 }' })).toEqual({ chosen: undefined, told: [] })
})

it('is made of its own keys, from wherever they come', async () => {
  const { chosen, told } = await choice({
    yaml: 'observe: { enabled: true, blocked-loop-limit: 3s }',
    environment: { OBSERVE_PORT: '1' },
  })
  expect(chosen).toBeDefined()
  expect(told).toEqual(['load', [{ port: 1, blockedLoopLimit: '3s' }, given]])
})

it('refuses a key that it does not know, once it is on', async () => {
  await expect(choice({ set: ['observe.enabled=true', 'observe.prot=1'] })).rejects.toThrow(
    /^Unknown key observe\.prot; did you mean observe\.port\? \(--set\)$/,
  )
})

it('cannot be turned on where the application has none', async () => {
  const configuration = await configured({ set: ['observe.enabled=true'] })
  await expect(chooseObservation(configuration, undefined, given)).rejects.toMatchObject({
    code: 'DROMEDARY_CONFIG',
    message: expect.stringMatching(/^observe\.enabled=true, but .* pass observability to runApplication/),
  })
  await expect(choice({ set: ['observe.enabled=yes'] })).rejects.toThrow(
    /observe\.enabled="yes": must be true or false/,
  )
})
