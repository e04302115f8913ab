import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const PACKAGE = join(import.meta.dirname, '..')

/** What a fresh process prints, and whether it has loaded `ws` by then. */
async function loads(code: string): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module'
    let loaded = false
    registerHooks({
      resolve(specifier, context, next) {
        loaded ||= specifier === 'ws'
        return next(specifier, context)
      },
    })
    const say = what => console.log(what, loaded)
    const { ws } = await import('@dromedary/websocket')
    const { createContext, from, silentSink } = await import('@dromedary/core')
    ${code}`
  const args = ['--input-type=module', '--no-warnings', '--eval', program]
  const { stdout } = await run(process.execPath, args, { cwd: PACKAGE, timeout: 20_000 })
  return stdout.trim().split('\n')
}

it('importing the package and making a context with its endpoints does not load ws, starting a consumer does', async () => {
  const lines = await loads(`
    say('imported')
    const routes = [from('ws:127.0.0.1:0/x').log('x')]
    const context = createContext({ components: [ws], routes, log: silentSink })
    say('made')
    await context.start()
    say('started')
    await context.stop()
  `)
  expect(lines).toEqual(['imported false', 'made false', 'started true'])
})

it('a producer loads it when it warms up, or starts', async () => {
  const lines = await loads(`
    const { fakeRoute } = await import('@dromedary/testing')
    const producer = fakeRoute().endpoint(ws, 'ws:127.0.0.1:1/x').producer()
    say('made')
    await producer.warmUp(new AbortController().signal)
    say('warm')
  `)
  expect(lines).toEqual(['made false', 'warm true'])
})
