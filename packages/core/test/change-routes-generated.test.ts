import fc from 'fast-check'
import { expect, it } from 'vitest'
import { settle } from '../../testing/src/settle.ts'
import type { Context, RouteSource } from '../src/index.ts'
import { ChangeStage, heldBy, type Shape, type StartFault } from './support/change-stage.ts'

const IDS = ['a0', 'a1', 'a2', 'c0', 'c1', 'c2'] as const

interface SetPlan {
  readonly active: readonly boolean[]
  readonly called: readonly boolean[]
  /** Which of three the ports and the names are given out by. */
  readonly ports: number
  readonly names: number
  /** Which routes are edited. */
  readonly edited: readonly boolean[]
  readonly faults: readonly (StartFault | undefined)[]
  readonly ms: readonly number[]
}

type Step =
  | { readonly do: 'change'; readonly set: SetPlan; readonly abortAfterMs: number | undefined }
  | { readonly do: 'broken' }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'turns'; readonly n: number }
  | { readonly do: 'stop route' | 'start route' | 'suspend route'; readonly id: string }

const three = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 3, maxLength: 3 })
const fault = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constant('slow' as const) },
  { weight: 1, arbitrary: fc.constant('fail' as const) },
)
const hanging = fc.oneof({ weight: 4, arbitrary: fault }, { weight: 1, arbitrary: fc.constant('hang' as const) })
/** `isSteered`: names keep to their ids, since a route that is stopped by hand in another's place might close a circle of calls. */
const setOf = (faults: fc.Arbitrary<StartFault | undefined>, isSteered = false) =>
  fc.record({
    active: three(fc.boolean()),
    called: three(fc.boolean()),
    ports: fc.integer({ min: 0, max: 2 }),
    names: isSteered ? fc.constant(0) : fc.integer({ min: 0, max: 2 }),
    edited: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    faults: three(faults),
    ms: fc.array(fc.constantFrom(0, 3, 40, 700), { minLength: 6, maxLength: 6 }),
  })
const passing: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 5, 20, 100, 1500) }),
  fc.record({ do: fc.constant('turns' as const), n: fc.integer({ min: 1, max: 5 }) }),
)
const change = (faults: fc.Arbitrary<StartFault | undefined>, isSteered = true): fc.Arbitrary<Step> =>
  fc.record({
    do: fc.constant('change' as const),
    set: setOf(faults, isSteered),
    abortAfterMs: isSteered ? fc.constantFrom(undefined, undefined, 0, 1, 5, 45, 600) : fc.constant(undefined),
  })
const broken: fc.Arbitrary<Step> = fc.constant({ do: 'broken' })
const hand: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('stop route' as const, 'start route' as const, 'suspend route' as const),
  id: fc.constantFrom(...IDS),
})

/** Keeps book of what a context should run while its routes are changed and steered. */
class Book {
  readonly stage = new ChangeStage()
  readonly pending = new Set<Promise<unknown>>()
  shapes = new Map<string, Shape>()
  #wishes = new Map<string, boolean>()
  /** The newest start or stop of each route. */
  readonly #said = new Map<string, object>()
  #version = 0
  readonly context: Context
  succeeded = 0
  refused = 0

  constructor(first: SetPlan) {
    this.shapes = this.#shapesOf(first, this.shapes)
    this.context = this.stage.context(this.#sources(this.shapes))
  }

  async change(plan: SetPlan, abortAfterMs: number | undefined, expected?: () => void) {
    const before = [...this.pending].at(-1)
    const work = async () => {
      // What is not edited is what the change before left.
      await before?.catch(() => {})
      const shapes = this.#shapesOf(plan, this.shapes)
      const hangs = [...shapes.values()].some(
        ({ port, version }) => this.stage.faults.get(`${port}?v=${version}`) === 'hang',
      )
      const offAfterMs = abortAfterMs ?? (hangs ? 800 : undefined)
      const controller = new AbortController()
      const changing = this.context.changeRoutes(this.#sources(shapes), { signal: controller.signal })
      const off = () => controller.abort(new Error('called off'))
      const timer = offAfterMs ? this.stage.clock.setTimeout(off, offAfterMs) : undefined
      if (offAfterMs === 0) off()
      try {
        await changing
        this.succeeded++
        this.shapes = shapes
        for (const id of this.#wishes.keys()) if (!shapes.has(id)) this.#wishes.delete(id)
      } catch (error) {
        this.refused++
        if (!/cannot start|called off|was stopped|is st(opp|art)/.test(String(error)))
          this.stage.wrong.push(String(error))
      }
      timer?.cancel()
      expected?.()
    }
    this.#track(work())
  }

  broken() {
    const before = [...this.pending].at(-1)
    const work = async () => {
      await before?.catch(() => {})
      const wrong = this.stage.route({ id: 'x', port: 9, calls: 'nobody', ms: 0, version: 1 })
      const twice = { id: 'y', name: 'd0', ms: 0, version: 1 }
      await this.context.changeRoutes([wrong, this.stage.route(twice), this.stage.route({ ...twice, id: 'z' })]).then(
        () => this.stage.wrong.push('a broken set was taken'),
        () => {},
      )
    }
    this.#track(work())
  }

  steer(step: 'stop route' | 'start route' | 'suspend route', id: string) {
    const route = this.context.routes.find(one => one.id === id)
    if (route === undefined) return
    const said = this.#said.get(id)
    if (step === 'suspend route') {
      if (route.status !== 'started') return
      this.#track(
        route.suspend().then(
          () => said === this.#said.get(id) && this.#wishes.set(id, false),
          () => {},
        ),
      )
      return
    }
    this.#said.set(id, {})
    this.#wishes.set(id, step === 'start route')
    this.#track((step === 'start route' ? route.start() : route.stop()).catch(() => {}))
  }

  /** Exactly what is wanted runs. */
  check() {
    expect(this.context.routes.map(route => route.id)).toEqual([...this.shapes.keys()])
    for (const { id, status, definition } of this.context.routes) {
      const shape = this.shapes.get(id) as Shape
      expect(definition.from.uri).toBe(
        shape.port === undefined ? `direct:${shape.name}` : heldBy(id, shape.port, shape.version),
      )
      const cannot = this.stage.faults.get(`${shape.port}?v=${shape.version}`) === 'fail'
      if (this.#wishes.get(id) === false || cannot) expect(['stopped', 'suspended', 'failed']).toContain(status)
      else expect(`${id} ${status}`).toBe(`${id} started`)
    }
  }

  /** What holds whatever happened. */
  checkAlways(failures = true) {
    expect(this.stage.wrong).toEqual([])
    if (failures) expect(this.stage.failures).toEqual([])
  }

  async pass(ms: number) {
    await this.stage.clock.advance(ms)
  }

  #track(work: Promise<unknown>) {
    this.pending.add(work)
    void work.finally(() => this.pending.delete(work))
  }

  #sources(shapes: ReadonlyMap<string, Shape>): RouteSource[] {
    return [...shapes.values()].map(shape => this.stage.route(shape))
  }

  #shapesOf(plan: SetPlan, before: ReadonlyMap<string, Shape>): Map<string, Shape> {
    this.#version++
    const version = this.#version
    const called = [0, 1, 2].filter(at => plan.called[at])
    const name = (at: number) => `d${(at + plan.names) % 3}`
    const next = new Map<string, Shape>()
    const put = (at: number, shape: Omit<Shape, 'version' | 'ms'>) => {
      const old = before.get(shape.id)
      const isSame = old && old.port === shape.port && old.name === shape.name && old.calls === shape.calls
      if (isSame && !plan.edited[at]) next.set(shape.id, old)
      else next.set(shape.id, { ...shape, ms: plan.ms[at] ?? 0, version })
    }
    for (const at of [0, 1, 2]) {
      if (!plan.active[at]) continue
      const port = (at + plan.ports) % 3
      const callee = called.length === 0 ? undefined : name(called[at % called.length] as number)
      put(at, { id: `a${at}`, port, ...(callee !== undefined && { calls: callee }) })
      const isNew = next.get(`a${at}`)?.version === version
      const startFault = plan.faults[at]
      if (isNew && startFault && before.size > 0) this.stage.faults.set(`${port}?v=${version}`, startFault)
    }
    for (const [position, at] of called.entries()) {
      const after = called[position + 1]
      put(3 + at, { id: `c${at}`, name: name(at), ...(after !== undefined && { calls: name(after) }) })
    }
    return next
  }
}

async function play(book: Book, steps: readonly Step[]) {
  for (const step of steps) {
    if (step.do === 'pass') await book.pass(step.ms)
    else if (step.do === 'turns') await settle(step.n)
    else if (step.do === 'change') void book.change(step.set, step.abortAfterMs)
    else if (step.do === 'broken') book.broken()
    else book.steer(step.do, step.id)
  }
}

async function ended(book: Book) {
  const { stage, context } = book
  let done = false
  const stopping = context.stop().finally(() => {
    done = true
  })
  await stage.clock.advance(0)
  stage.stopped = true
  for (let at = 0; at < 60 && !done; at++) await stage.clock.advance(500)
  await stopping
  await stage.clock.advance(0)
  expect(book.pending.size).toBe(0)
  expect(stage.entered).toBe(stage.ended)
  expect([...stage.holders.keys()]).toEqual([])
  expect(stage.producers).toBe(0)
  expect(stage.clock.pending).toBe(0)
}

it('ends with exactly the routes that were wanted, and no exchange fails on the way', async () => {
  const counts = { succeeded: 0, refused: 0 }
  const steps = fc.array(fc.oneof(passing, change(fault, false), broken), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(setOf(fc.constant(undefined)), steps, async (first, list) => {
      const book = new Book(first)
      const starting = book.context.start()
      await book.pass(10)
      await starting
      await play(book, list)
      for (let at = 0; at < 200 && book.pending.size > 0; at++) await book.pass(1000)
      expect(book.pending.size).toBe(0)
      book.check()
      await book.pass(50)
      await ended(book)
      book.checkAlways()
      counts.succeeded += book.succeeded
      counts.refused += book.refused
    }),
    { numRuns: 150 },
  )
  expect(counts.succeeded).toBeGreaterThan(100)
  expect(counts.refused).toBeGreaterThan(10)
})

it('heeds what is said by hand meanwhile, and a signal', async () => {
  const steps = fc.array(fc.oneof(passing, change(fault), hand, hand, broken), { maxLength: 16 })
  await fc.assert(
    fc.asyncProperty(setOf(fc.constant(undefined), true), steps, async (first, list) => {
      const book = new Book(first)
      const starting = book.context.start()
      await book.pass(10)
      await starting
      await play(book, list)
      for (let at = 0; at < 300 && book.pending.size > 0; at++) await book.pass(1000)
      expect(book.pending.size).toBe(0)
      book.check()
      await book.pass(50)
      await ended(book)
      book.checkAlways(false)
    }),
    { numRuns: 150 },
  )
})

it('is called off by its signal at any moment, also while a start hangs, and no exchange fails on the way', async () => {
  const steps = fc.array(fc.oneof(passing, change(hanging)), { maxLength: 10 })
  const counts = { succeeded: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(setOf(fc.constant(undefined), true), steps, async (first, list) => {
      const book = new Book(first)
      const starting = book.context.start()
      await book.pass(10)
      await starting
      await play(book, list)
      for (let at = 0; at < 200 && book.pending.size > 0; at++) await book.pass(1000)
      expect(book.pending.size).toBe(0)
      book.check()
      await book.pass(50)
      await ended(book)
      book.checkAlways()
      counts.succeeded += book.succeeded
      counts.refused += book.refused
    }),
    { numRuns: 150 },
  )
  expect(counts.succeeded).toBeGreaterThan(50)
  expect(counts.refused).toBeGreaterThan(50)
})

it('is ended by a stop of the context at any moment', async () => {
  const steps = fc.array(fc.oneof(passing, change(hanging), hand, broken), { maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(setOf(fc.constant(undefined), true), steps, fc.boolean(), async (first, list, early) => {
      const book = new Book(first)
      const starting = book.context.start().catch(() => {})
      if (!early) await book.pass(10)
      if (!early) await starting
      await play(book, list)
      await ended(book)
      book.checkAlways(false)
    }),
    { numRuns: 150 },
  )
})
