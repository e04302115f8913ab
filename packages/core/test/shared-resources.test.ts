import { expect, it } from 'vitest'
import { sharedResources } from '../src/runtime/shared-resources.ts'

function counted() {
  const events: string[] = []
  return {
    events,
    open: async () => {
      events.push('open')
      await Promise.resolve()
      return events.length
    },
    close: () => void events.push('close'),
  }
}

it('opens once, closes when the last holder lets go, and a release counts once', async () => {
  const shared = sharedResources()
  const { events, open, close } = counted()
  const [one, two] = await Promise.all([
    shared.acquire('k', { a: 1 }, open, close),
    shared.acquire('k', { a: 1 }, open, close),
  ])
  expect(one.value).toBe(two.value)
  await one.release()
  await one.release()
  expect(events).toEqual(['open'])
  await two.release()
  expect(events).toEqual(['open', 'close'])
})

it('names what two holders differ in', async () => {
  const shared = sharedResources()
  const { open, close } = counted()
  await shared.acquire('server 127.0.0.1:80', { tls: true, host: 'a' }, open, close)
  await expect(shared.acquire('server 127.0.0.1:80', { tls: false, host: 'a' }, open, close)).rejects.toMatchObject({
    code: 'DROMEDARY_SHARED_CONFLICT',
    message: expect.stringMatching(/server 127.0.0.1:80, but differ in tls/),
  })
})

it('opens again only after the one before has closed, and after an open that failed', async () => {
  const shared = sharedResources()
  const order: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = await shared.acquire(
    'k',
    {},
    () => 1,
    () => promise.then(() => void order.push('closed')),
  )
  const closing = first.release()
  const second = shared.acquire(
    'k',
    {},
    () => void order.push('open again'),
    () => {},
  )
  resolve()
  await Promise.all([closing, second])
  expect(order).toEqual(['closed', 'open again'])
  await expect(
    shared.acquire(
      'x',
      {},
      () => Promise.reject(new Error('no')),
      () => {},
    ),
  ).rejects.toThrow('no')
  expect(
    (
      await shared.acquire(
        'x',
        {},
        () => 2,
        () => {},
      )
    ).value,
  ).toBe(2)
})
