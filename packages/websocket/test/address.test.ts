import { DromedaryError, parseUri } from '@dromedary/core/component'
import { describe, expect, it } from 'vitest'
import { readAddress } from '../src/address.ts'

const read = (uri: string, secure = false) => readAddress(parseUri(uri), secure)

describe('an address', () => {
  it.each([
    ['ws:feed.example.com:8080/stream/a', { host: 'feed.example.com', port: 8080, path: '/stream/a' }],
    ['ws://feed.example.com/stream', { host: 'feed.example.com', port: 80, path: '/stream' }],
    ['ws:Feed.Example.com', { host: 'feed.example.com', port: 80, path: '/' }],
    ['ws:0.0.0.0:9000/', { host: '0.0.0.0', port: 9000, path: '/' }],
    ['ws::8080/feed', { host: '127.0.0.1', port: 8080, path: '/feed' }],
    ['ws:8080/feed', { host: '127.0.0.1', port: 8080, path: '/feed' }],
    ['ws:[::1]:8080/feed', { host: '[::1]', port: 8080, path: '/feed' }],
    ['ws:host:1/a b', { host: 'host', port: 1, path: '/a%20b' }],
    ['ws:host:1/a?maxInFlight=2', { host: 'host', port: 1, path: '/a' }],
    ['ws:host:1/a:b@c', { host: 'host', port: 1, path: '/a:b@c' }],
  ])('%s', (uri, expected) => {
    expect(read(uri)).toEqual(expected)
  })

  it('has 443 as its usual port with TLS', () => {
    expect(read('wss:host/x', true).port).toBe(443)
  })

  it.each(['ws:host:70000/x', 'ws:user:secret@host:80/x', 'ws:host:80x/', 'ws:[::1/x'])('%s is refused', uri => {
    expect(() => read(uri)).toThrow(DromedaryError)
    expect(() => read(uri)).toThrow(/host:port\/path/)
    expect(() => read(uri)).not.toThrow(/secret/)
  })
})
