import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const STALE_MS = 3000

interface Led {
  readonly member: MemberProcess
  readonly term: bigint
  readonly at: number
}

/** A term by what its member logged: from the grant to the last hard end, or to where it ended before. */
interface Interval {
  readonly term: bigint
  readonly from: number
  readonly to: number
}

class Cluster implements AsyncDisposable {
  readonly root: string
  readonly killedAt = new Map<MemberProcess, number>()
  readonly #group: MemberGroup

  constructor(root: string) {
    this.root = root
    this.#group = new MemberGroup({ script: join(import.meta.dirname, 'support/member.ts') })
  }

  async member(options: Record<string, unknown> = {}): Promise<MemberProcess> {
    const args = [JSON.stringify({ root: this.root, stale: STALE_MS, acquireLockInterval: 500, ...options })]
    const member = await this.#group.spawn({ args })
    await member.waitForLine(/^started/)
    return member
  }

  async leads(member: MemberProcess, within = 10_000): Promise<Led> {
    const [, term, at] = (await member.waitForLine(/^valid/, { within })).text.split(' ')
    return { member, term: BigInt(term ?? 0), at: Number(at) }
  }

  kill(member: MemberProcess): number {
    const at = member.kill()
    this.killedAt.set(member, at)
    return at
  }

  intervals(): Interval[] {
    return this.#group.members.flatMap(member => {
      const terms = new Map<bigint, { from: number; to: number }>()
      for (const { text, at } of member.lines.all) {
        const [word, type, term, end] = text.split(' ')
        if (word !== 'lease') continue
        const known = terms.get(BigInt(term ?? 0))
        if (type === 'granted') terms.set(BigInt(term ?? 0), { from: at, to: Number(end) })
        else if (known && type === 'extended') known.to = Number(end)
        else if (known && type === 'released') known.to = Math.min(known.to, Number(end))
      }
      const killed = this.killedAt.get(member) ?? Number.POSITIVE_INFINITY
      return [...terms].map(([term, { from, to }]) => ({ term, from, to: Math.min(to, killed + 50) }))
    })
  }

  /** No two terms overlap, none is used twice, later ones are greater; nobody became valid again. */
  check(): void {
    const intervals = this.intervals().sort((a, b) => a.from - b.from)
    for (const [index, interval] of intervals.entries()) {
      const before = intervals[index - 1]
      if (!before) continue
      expect(interval.term).toBeGreaterThan(before.term)
      // Lines are received a little after they are written.
      expect(interval.from).toBeGreaterThan(before.to - 60)
    }
    for (const member of this.#group.members) expect(member.lines.matching(/^REVIVED/)).toEqual([])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#group[Symbol.asyncDispose]()
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 })
  }
}

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dromedary-processes-'))
})
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 3 }))

describe('real processes', { timeout: 40_000 }, () => {
  it('a killed leader is followed long before its lease ends, again and again', async () => {
    await using cluster = new Cluster(root)
    let leader = await cluster.leads(await cluster.member({ stale: 20_000 }))
    for (let round = 0; round < 4; round++) {
      const next = await cluster.member({ stale: 20_000 })
      await next.waitForLine(/log info leader of ns is/)
      const at = cluster.kill(leader.member)
      const led = await cluster.leads(next)
      expect(led.at - at).toBeLessThan(1500)
      expect(led.term).toBeGreaterThan(leader.term)
      await next.waitForLine(/log info leader of ns is this member.*\(process ended\)/)
      leader = led
    }
    cluster.check()
  })

  it('SIGTERM releases: the next leads, and the process exits 0', async () => {
    await using cluster = new Cluster(root)
    const first = await cluster.leads(await cluster.member({ stale: 20_000 }))
    const second = await cluster.member({ stale: 20_000 })
    await second.waitForLine(/log info leader of ns is/)
    expect((await first.member.stop()).code).toBe(0)
    const led = await cluster.leads(second)
    expect(led.term).toBeGreaterThan(first.term)
    await second.waitForLine(/\(released\)/)
    cluster.check()
  })

  it('a frozen leader is replaced by time, and is never valid again after it wakes', async () => {
    await using cluster = new Cluster(root)
    const first = await cluster.leads(await cluster.member())
    const second = await cluster.member()
    await second.waitForLine(/log info leader of ns is/)
    first.member.pause()
    const led = await cluster.leads(second)
    await second.waitForLine(/\(stale after 3\.0 s\)/)
    first.member.resume()
    await first.member.waitForLine(`ended ${first.term} stalled`)
    await first.member.waitForLine(new RegExp(`log info leader of ns is \\S+, term ${led.term}`))
    expect(first.member.lines.matching(/^valid/)).toHaveLength(1)
    cluster.check()
  })

  it.each(['exit', 'release'])('a loop blocked past stale, then %s, does not touch the successor', async then => {
    await using cluster = new Cluster(root)
    const first = await cluster.leads(await cluster.member())
    const second = await cluster.member()
    await second.waitForLine(/log info leader of ns is/)
    first.member.writeLine(`block ${2.5 * STALE_MS} ${then}`)
    await cluster.leads(second)
    if (then === 'exit') expect((await first.member.exited).code).toBe(1)
    else await first.member.waitForLine(/^stopped/)
    const third = await cluster.member()
    await third.waitForLine(/log info leader of ns is/)
    expect(third.lines.matching(/^valid/)).toEqual([])
    expect(second.lines.matching(/^ended .*(?:taken|record-changed)/)).toEqual([])
    expect(await readdir(join(root, 'ns.lock'))).toHaveLength(1)
    cluster.check()
  })

  it('process.exit of a leader releases by the exit hook: marked, and nobody waits', async () => {
    await using cluster = new Cluster(root)
    const first = await cluster.leads(await cluster.member({ stale: 20_000 }))
    const second = await cluster.member({ stale: 20_000 })
    await second.waitForLine(/log info leader of ns is/)
    first.member.writeLine('block 1 exit')
    await cluster.leads(second)
    await second.waitForLine(/\(process exited\)/)
    cluster.check()
  })

  it('a member that could not drain exits, and is followed at once although its lease has not expired', async () => {
    await using cluster = new Cluster(root)
    const first = await cluster.leads(await cluster.member({ stale: 20_000, drains: false }))
    const second = await cluster.member({ stale: 20_000 })
    await second.waitForLine(/log info leader of ns is/)
    first.member.writeLine('stop 50')
    await first.member.waitForLine(/^stopped/)
    expect(await readdir(join(root, 'ns.lock'))).toHaveLength(1)
    expect(second.lines.matching(/^valid/)).toEqual([])
    cluster.kill(first.member)
    await cluster.leads(second)
    await second.waitForLine(/\(process ended\)/)
    cluster.check()
  })

  it('process.exit with work under way releases nothing: the death itself is the proof', async () => {
    await using cluster = new Cluster(root)
    const first = await cluster.leads(await cluster.member({ stale: 20_000, drains: false }))
    const second = await cluster.member({ stale: 20_000 })
    await second.waitForLine(/log info leader of ns is/)
    first.member.writeLine('block 1 exit')
    cluster.killedAt.set(first.member, (await first.member.exited).at)
    await second.waitForLine(/\(process ended\)/)
    expect(first.member.lines.matching(/^lease released/)).toEqual([])
    cluster.check()
  })
})
