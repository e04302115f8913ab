import { expect, it } from 'vitest'
import { constant, from, useLatest } from '../src/index.ts'
import { ScriptedStage } from './support/scripted-stage.ts'

it('a stop closes and empties all others while one route does not heed that its start was called off', async () => {
  const stage = new ScriptedStage({ start: uri => (uri === 'hangs' ? new Promise(() => {}) : undefined) })
  const gather = from('direct:gather')
    .routeId('gather')
    .aggregate(constant('k'), { aggregationStrategy: useLatest(), completionSize: 5, forceCompletionOnStop: true })
    .to('snk:groups')
    .end()
  const input = from('res:in').routeId('in').to('direct:gather')
  const context = await stage.started([input, gather])
  stage.bring('in', 'one')
  context.changeRoutes([input, gather, from('res:hangs').routeId('hangs').log('x')]).catch(() => {})
  await stage.clock.advance(1_000)
  await expect(stage.during(context.stop())).rejects.toMatchObject({ code: 'DROMEDARY_SHUTDOWN_TIMEOUT' })
  expect(stage.calls).toContain('close in')
  expect(stage.sent).toEqual(['one'])
})
