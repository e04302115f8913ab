import { isProvenDead } from './death.ts'
import type { PodObject } from './objects.ts'
import type { PodFeed } from './pod-feed.ts'
import type { Holder } from './record.ts'

/** Looks at the pod of whoever holds the Lease, for kubelet's word that its container has terminated. */
export class HolderPod {
  readonly #feed: PodFeed
  readonly #died: () => void
  #holder: Holder | undefined
  #name: string | undefined
  #newest: PodObject | undefined
  #unfollow: (() => void) | undefined

  /** `died`: the container of the holder that was last given has terminated. */
  constructor(feed: PodFeed, died: () => void) {
    this.#feed = feed
    this.#died = died
  }

  /** From here on this holder is looked at, also if it is another one in the same pod; undefined: nobody. */
  look(holder: Holder | undefined): void {
    this.#holder = holder?.containerId === undefined ? undefined : holder
    const name = this.#holder?.pod
    if (name === this.#name) this.#judge()
    else this.#follow(name)
  }

  #follow(name: string | undefined): void {
    this.#unfollow?.()
    this.#unfollow = undefined
    this.#newest = undefined
    this.#name = name
    if (name === undefined) return
    this.#unfollow = this.#feed.follow(name, pod => {
      this.#newest = pod
      this.#judge()
    })
  }

  #judge(): void {
    if (this.#holder && this.#newest && isProvenDead(this.#holder, this.#newest)) this.#died()
  }
}
