import type { Member } from '../launch.ts'
import type { Site } from './site.ts'

/** A process records its container only at this age. */
const GROWN_MS = 10_500

interface Waiting {
  readonly member: Member
  /** When it is old enough. */
  readonly grownAt: number
}

/**
 * Members of which only those compete that are old enough to record their container at once, so that a round need not
 * wait for that; the others grow meanwhile.
 */
export class Crew {
  readonly #site: Site
  readonly #growing: Waiting[] = []

  constructor(site: Site) {
    this.#site = site
  }

  /** Starts `competing` members that compete at once, and `growing` that will take their places. */
  async start(competing: number, growing: number): Promise<void> {
    await Promise.all([
      this.#site.startAll(competing),
      ...Array.from({ length: growing }, () => this.grow(() => this.#site.start({ waits: true }))),
    ])
  }

  /** Starts one that will compete later. */
  async grow(start: () => Promise<Member>): Promise<void> {
    const grownAt = performance.now() + GROWN_MS
    this.#growing.push({ member: await start(), grownAt: grownAt + 500 })
  }

  /** The oldest that does not compete yet begins to. */
  async relieve(): Promise<void> {
    const { stage } = this.#site
    const next = this.#growing.shift()
    if (!next) throw new Error('nobody is left to take a place')
    await stage.pause(Math.max(0, next.grownAt - performance.now()))
    stage.tell(next.member, { do: 'campaign' })
  }
}
