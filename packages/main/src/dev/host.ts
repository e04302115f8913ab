import type { ApplicationOptions } from '../assemble.ts'

/** Dev mode, as `runApplication` sees it: it hands its options over instead of starting a second application. */
export interface DevHost {
  /** Resolves when what was handed over no longer runs: other options took its place, or the application has stopped. */
  offer(options: ApplicationOptions): Promise<void>
}

/** Not a variable of this module: an application may have another copy of this package than its dev script has. */
const KEY = Symbol.for('dromedary.dev')
const place = globalThis as { [KEY]?: DevHost | undefined }

/** Undefined outside of dev mode. */
export const devHost = (): DevHost | undefined => place[KEY]

export function setDevHost(host: DevHost | undefined): void {
  place[KEY] = host
}
