import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isDromedaryError } from '@dromedary/core/component'
import { FakeClock } from '@dromedary/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { oauthTokens } from '../src/client/oauth.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** A token endpoint, and the tokens that a client gets from it. */
async function endpoint(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  let count = 0
  const server = createServer((request, response) => answer(request, response, ++count))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const clock = new FakeClock()
  const settings = {
    tokenEndpoint: `http://127.0.0.1:${port}/token?tenant=secret`,
    clientId: 'me',
    clientSecret: 'sesame',
    scope: undefined,
  }
  return { clock, asked: () => count, token: oauthTokens(settings, clock) }
}

const json = (response: ServerResponse, value: object, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

describe('a token', () => {
  it('is asked for once while it lives, and anew in good time', async () => {
    const { clock, asked, token } = await endpoint((_, response, count) =>
      json(response, { access_token: `t${count}`, expires_in: 100 }),
    )
    expect(await Promise.all([token(), token(), token()])).toEqual(['t1', 't1', 't1'])
    await clock.advance(79_000)
    expect(await token()).toBe('t1')
    await clock.advance(2_000)
    expect(await token()).toBe('t2')
    expect(asked()).toBe(2)
  })

  it('whose life is not told lives for five minutes', async () => {
    const { clock, token } = await endpoint((_, response, count) => json(response, { access_token: `t${count}` }))
    await token()
    await clock.advance(239_000)
    expect(await token()).toBe('t1')
    await clock.advance(2_000)
    expect(await token()).toBe('t2')
  })

  it('that is not to be had fails with a reason and without a secret, and is asked for again', async () => {
    let isBroken = true
    const answers: ((response: ServerResponse) => void)[] = [
      response => json(response, { error: 'sesame' }, 401),
      response => json(response, { token: 'sesame' }),
      response => response.end('sesame'),
      response => {
        response.writeHead(302, { location: 'http://elsewhere' })
        response.end()
      },
    ]
    const { token } = await endpoint((_, response) => {
      if (isBroken) answers.shift()?.(response)
      else json(response, { access_token: 'fine' })
    })
    while (answers.length > 0) {
      const error = await token().catch(one => one)
      expect(isDromedaryError(error, 'DROMEDARY_KAFKA_TOKEN'), String(error)).toBe(true)
      expect(error.message).toMatch(/^no token for Kafka from http:\/\/127\.0\.0\.1:\d+\/token: /)
      expect(error.message).not.toMatch(/sesame|secret/)
    }
    isBroken = false
    expect(await token()).toBe('fine')
  })
})
