import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as realSleep } from 'node:timers/promises'
import type { Campaign, ClusterService, ClusterState, Leadership } from '@dromedary/core/cluster'
import { FakeClock, SkewedClock } from '@dromedary/testing'
import { expect } from 'vitest'
import { createFileClusterService, type FileClusterOptions } from '../../src/index.ts'
import { hookedFs } from './hooked-fs.ts'

/** Long against what a case lets pass: proper-lockfile renews by real timers, and hardly any real time passes. */
export const STALE_MS = 20_000
const STEP_MS = 500

/** A member that can be stopped, as SIGSTOP does, before or after any of its system calls. */
export class Member {
  readonly service: ClusterService
  readonly clock: SkewedClock
  readonly leaderships: Leadership[] = []
  readonly states: ClusterState[] = []
  /** Every system call since {@link stopBefore}. */
  calls: string[] = []
  campaign: Campaign | undefined
  #stops: ((call: string, phase: 'before' | 'after') => boolean) | undefined
  #frozen: PromiseWithResolvers<void> | undefined

  constructor(stage: Stage, id: string, options: Partial<FileClusterOptions>) {
    this.clock = new SkewedClock(stage.clock)
    const around = (phase: 'before' | 'after') => async (call: string, path: string) => {
      const text = `${call} ${basename(path)}`
      if (phase === 'before') this.calls.push(text)
      if (!this.#frozen && this.#stops?.(text, phase)) this.freeze()
      if (this.#frozen) {
        stage.running--
        await this.#frozen.promise
        stage.running++
      }
    }
    const [before, after] = [around('before'), around('after')]
    const fs = hookedFs({
      before: async (call, path) => {
        stage.running++
        await before(call, path)
      },
      after: async (call, path) => {
        await after(call, path)
        stage.running--
      },
    })
    this.service = createFileClusterService({
      root: stage.root,
      id,
      stale: STALE_MS,
      acquireLockInterval: 2000,
      clock: this.clock,
      random: () => 1,
      fs,
      ...options,
    })
    this.service.observe('ns').subscribe(state => this.states.push(state))
  }

  get frozen(): boolean {
    return this.#frozen !== undefined
  }

  get valid(): boolean {
    return this.leaderships.some(leadership => leadership.isValid())
  }

  get term(): bigint | undefined {
    return this.leaderships.at(-1)?.term
  }

  get state(): ClusterState | undefined {
    return this.states.at(-1)
  }

  compete(): void {
    this.campaign = this.service.campaign('ns', { participant: 'route' })
    this.campaign.leadership.subscribe(leadership => {
      if (!leadership) return
      this.leaderships.push(leadership)
      leadership.closing.addEventListener('abort', () => leadership.drained())
    })
  }

  /** Stands still before its `number`th call from now. */
  stopBefore(number: number): void {
    this.calls = []
    this.#stops = (_, phase) => phase === 'before' && this.calls.length === number
  }

  /** Stands still where it says so. */
  stopWhere(where: (call: string, phase: 'before' | 'after') => boolean): void {
    this.calls = []
    this.#stops = where
  }

  freeze(): void {
    this.#frozen = Promise.withResolvers()
    this.clock.freeze()
  }

  wake(): void {
    this.#stops = undefined
    const frozen = this.#frozen
    this.#frozen = undefined
    frozen?.resolve()
    this.clock.thaw()
  }
}

/** Members in one folder and one process, on the fake clock: a frozen one is alive, so only time can judge it. */
export class Stage implements AsyncDisposable {
  readonly clock = new FakeClock({ now: Date.now() })
  readonly members: Member[] = []
  root = ''
  /** System calls under way in members that are not frozen. */
  running = 0

  static async create(): Promise<Stage> {
    const stage = new Stage()
    stage.root = await mkdtemp(join(tmpdir(), 'dromedary-stage-'))
    return stage
  }

  async member(id: string, options: Partial<FileClusterOptions> = {}): Promise<Member> {
    const member = new Member(this, id, options)
    this.members.push(member)
    await member.service.start()
    return member
  }

  /** A member that leads. */
  async leader(id: string): Promise<Member> {
    const member = await this.member(id)
    member.compete()
    await this.until(`${id} leads`, () => member.valid)
    return member
  }

  /** Lets what is under way come to rest, without time. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet = this.running > 0 ? 0 : quiet + 1) await realSleep(1)
    this.check()
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      await this.clock.advance(Math.min(STEP_MS, left))
      await this.settle()
    }
  }

  async until(what: string, holds: () => boolean, ms = 60_000): Promise<void> {
    await this.settle()
    for (let passed = 0; !holds(); passed += STEP_MS) {
      if (passed > ms) expect.fail(`not within ${ms} ms: ${what}`)
      await this.pass(STEP_MS)
    }
  }

  /** Never two, and no term twice. */
  check(): void {
    const valid = this.members.filter(member => member.valid)
    if (valid.length > 1) expect.fail(`valid at once: ${valid.map(member => member.service.self.id).join(', ')}`)
    const terms = this.members.flatMap(member => member.leaderships.map(leadership => leadership.term))
    expect(new Set(terms).size).toBe(terms.length)
  }

  /** Names of the records in the lock. */
  async records(): Promise<string[]> {
    return (await readdir(join(this.root, 'ns.lock')).catch(() => [])).sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.members) member.wake()
    await Promise.all(this.members.map(member => member.service.stop({ drainMs: 0 })))
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 })
  }
}
