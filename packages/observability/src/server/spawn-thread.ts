import { createRequire } from 'node:module'
import { getAsset, isSea } from 'node:sea'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { DromedaryError } from '@dromedary/core'
import type { ThreadData } from './protocol.ts'

/** Under this name a native executable carries the thread: one CommonJS file, its libraries in it. */
export const THREAD_ASSET = 'dromedary-observability-thread.cjs'

/** It holds a few connections and texts; without limits V8 would give it the room of an application. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 }

/** Starts the thread. It does not keep the process alive. Throws `DROMEDARY_UNSUPPORTED` in an executable that was built without it. */
export function spawnThread(workerData: ThreadData): Worker {
  const options = { workerData, resourceLimits: LIMITS, name: 'observability' }
  const worker = isSea()
    ? new Worker(carried(), { ...options, eval: true })
    : new Worker(fileOf('@dromedary/observability/thread'), options)
  worker.unref()
  return worker
}

function carried(): string {
  try {
    return getAsset(THREAD_ASSET, 'utf8')
  } catch (cause) {
    const message = `this executable was built without the asset ${THREAD_ASSET}, which answers over HTTP: build it in, or set observe.enabled=false`
    throw new DromedaryError('DROMEDARY_UNSUPPORTED', message, { cause })
  }
}

/** From its own package; TypeScript where it runs from its sources. */
const fileOf = (entry: string) => pathToFileURL(createRequire(import.meta.url).resolve(entry))
