import type { Consumer, Exchange } from '@dromedary/core/component'
import { expect } from 'vitest'
import { type FakeRouteEntry, fakeRoute } from '../../route-entry.ts'
import type { ComponentFixture } from './fixture.ts'

const STEP_MS = 10

/** A fake route around the fixture's component, and time that passes until something holds. */
export class Stage {
  readonly fixture: ComponentFixture
  readonly route: FakeRouteEntry

  constructor(fixture: ComponentFixture, run: (exchange: Exchange) => unknown = () => {}) {
    this.fixture = fixture
    const { clock, cluster, components = [] } = fixture
    this.route = fakeRoute({ clock, components, route: run, ...(cluster && { cluster }) })
  }

  consumer(): Consumer {
    return this.route.consumer(this.fixture.component, this.fixture.uri)
  }

  /** A consumer that has started. */
  async started(signal: AbortSignal = new AbortController().signal): Promise<Consumer> {
    const consumer = this.consumer()
    await this.settled(consumer.start(signal))
    return consumer
  }

  async settled<T>(work: T | Promise<T>): Promise<T> {
    let done = false
    const finished = () => {
      done = true
    }
    const promise = Promise.resolve(work)
    promise.then(finished, finished)
    await this.fixture.advance(0)
    if (!done) await this.until('the call has returned', () => done, 30_000)
    return promise
  }

  async until(what: string, holds: () => boolean, ms: number = this.fixture.withinMs ?? 1_000): Promise<void> {
    for (let passed = 0; !holds(); passed += STEP_MS) {
      if (passed > ms) expect.fail(`not within ${ms} ms: ${what}`)
      await this.fixture.advance(STEP_MS)
    }
  }

  /** Offers a message, and waits until it has entered. */
  async enters(): Promise<void> {
    const before = this.route.exchanges.length
    await this.fixture.offer()
    await this.until('an offered message has entered', () => this.route.exchanges.length > before)
  }

  /** Offers a message, and waits as long as it would take to enter. */
  async staysOut(): Promise<void> {
    const before = this.route.exchanges.length
    await this.fixture.offer()
    await this.fixture.advance(this.fixture.withinMs ?? 1_000)
    expect(this.route.exchanges.length, 'exchanges that entered').toBe(before)
  }

  async closed(consumer: Consumer, forced = false): Promise<void> {
    await this.settled(consumer.close(forced))
    await this.fixture.advance(0)
    expect(this.fixture.held(), 'what is still held after close').toBe(0)
    expect(this.route.shared.held, 'shared resources still held after close').toEqual([])
  }
}
