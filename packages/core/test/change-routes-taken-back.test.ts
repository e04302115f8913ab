import { afterEach, describe, expect, it } from 'vitest'
import { sleep } from '../src/clock.ts'
import { from } from '../src/index.ts'
import { type Script, ScriptedStage, statuses } from './support/scripted-stage.ts'

let at = new ScriptedStage()
afterEach(() => at.end())
const staged = (script: Script) => {
  at = new ScriptedStage(script)
  return at
}
const failed = async (ms = 0) => {
  await sleep(at.clock, ms)
  throw new Error('cannot start')
}

describe('a consumer that cannot be made again', () => {
  let isBroken = true
  const script: Script = {
    make: (uri, nth) => {
      if (uri === 'one?v=1' && nth > 1 && isBroken) throw new Error('cannot be made twice')
    },
    start: uri => (uri === 'bad' ? failed(500) : undefined),
  }

  it('leaves nothing half done', async () => {
    staged(script)
    const context = await at.started([
      from('res:one?v=1').routeId('one').log('x'),
      from('res:two').routeId('two').log('1'),
    ])
    const refused = context.changeRoutes([
      from('res:one?v=2').routeId('one').log('x'),
      from('res:two').routeId('two').log('2'),
      from('res:bad').routeId('bad').log('x'),
    ])
    await expect(at.during(refused)).rejects.toMatchObject({ code: 'DROMEDARY_CHANGE_FAILED' })
    expect(statuses(context)).toEqual(['one failed', 'two started'])
    expect(at.calls.filter(call => /one\?v=2/.test(call)).at(-1)).toBe('close one?v=2')
    isBroken = false
    // Both can be steered by hand again.
    await context.route('two').stop()
    await context.route('two').start()
    await context.route('one').start()
    expect(statuses(context)).toEqual(['one started', 'two started'])
  })
})
