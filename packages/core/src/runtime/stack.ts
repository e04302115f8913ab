import type { Exchange, Processor } from '../exchange/exchange.ts'

/**
 * Routes call each other on JavaScript's one call stack. Each call adds the weight of its route (1 and its deepest
 * nesting of blocks); past the limit it goes on from a fresh stack, through a promise. The figure leaves
 * room for three quarters of the smallest usual stack to users' own functions.
 */
export const stack = { depth: 0 }

export const STACK_LIMIT = 400

/** Calls that may be open at once, in one chain from route to route: more is a route that calls itself. */
export const CALL_LIMIT = 10_000

/**
 * Into a pipeline, unless the stack is too full or timers have waited too long: then, or if it is told to, by a promise.
 * Throws what the processor throws.
 */
export function enterStack(run: Processor, exchange: Exchange, weight: number, later = false): unknown {
  const pause = later ? Promise.resolve() : pauseBefore(weight)
  if (pause !== undefined) return pause.then(() => enterStack(run, exchange, weight))
  return runOnStack(run, exchange, weight)
}

/** Undefined where a pipeline of this weight may run at once; else a promise for the moment to ask again. */
export function pauseBefore(weight: number): Promise<void> | undefined {
  return stack.depth + weight > STACK_LIMIT ? Promise.resolve() : breather()
}

/** Runs it now. Throws what the processor throws. */
export function runOnStack(run: Processor, exchange: Exchange, weight: number): unknown {
  stack.depth += weight
  try {
    return run(exchange)
  } finally {
    stack.depth -= weight
  }
}

/** How long timers and I/O may have to wait for a chain of synchronous work. */
const SLICE_MS = 10

let left = 1024
let interval = 1024
let lastCheck = 0
let sliceStart = 0
/** The event loop has had no turn since the slice began. */
let isWithinSlice = false

/**
 * Counts a turn of synchronous work (a route call, an item, a loop turn). Undefined while it may go on; else a promise
 * that resolves after timers and I/O had their turn. Reads the clock at most every millisecond of quick turns.
 */
export function breather(): Promise<void> | undefined {
  return --left > 0 ? undefined : check()
}

function check(): Promise<void> | undefined {
  const now = performance.now()
  if (!isWithinSlice) beginSlice(now)
  // Slow turns would pass many milliseconds within 1,024 of them: look more often then, and less often again later.
  else interval = now - lastCheck > 1 ? Math.max(1, interval >> 2) : Math.min(1024, interval << 1)
  left = interval
  lastCheck = now
  if (now - sliceStart < SLICE_MS) return undefined
  return new Promise(resolve => setImmediate(resolve))
}

/** A slice ends by itself where whoever hands work in lets the loop have its turn. */
function beginSlice(now: number): void {
  isWithinSlice = true
  sliceStart = now
  setImmediate(() => {
    isWithinSlice = false
  })
}
