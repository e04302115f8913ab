import type { Link } from './link.ts'

/** One connection for all: made when it is needed, and made again when it has ended. */
export class SharedLink {
  readonly #open: (onClosed: (link: Link) => void) => Promise<Link>
  #link: Link | undefined
  #opening: Promise<Link> | undefined

  constructor(open: (onClosed: (link: Link) => void) => Promise<Link>) {
    this.#open = open
  }

  /** The connection that there is. */
  get current(): Link | undefined {
    return this.#link?.usable === true ? this.#link : undefined
  }

  /** The connection that there is, or a new one. All that wait for it share the attempt. */
  get(): Link | Promise<Link> {
    return this.current ?? this.#make()
  }

  async close(): Promise<void> {
    await this.#link?.close()
  }

  #make(): Promise<Link> {
    this.#opening ??= this.#open(closed => {
      if (this.#link === closed) this.#link = undefined
    })
      .then(link => {
        this.#link = link
        return link
      })
      .finally(() => {
        this.#opening = undefined
      })
    return this.#opening
  }
}
