/** Taken at load, so that a test runner's own fake timers change nothing here. */
const immediate = setImmediate

/**
 * Lets promise chains of any length run to their end, as long as they wait for nothing but promises: one turn of the
 * event loop runs all microtasks. More turns for chains that hop through `setImmediate` themselves.
 */
export async function settle(turns = 1): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>(resolve => void immediate(resolve))
}
