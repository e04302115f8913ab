/** A chain that is longer is cut: nobody writes that many causes, but a circle, or a getter, has them. */
const LONGEST = 100

/** The chain of causes, the innermost first and the failure itself last. Never throws, whatever was thrown. */
export function causes(error: unknown): readonly unknown[] {
  const chain = [error]
  try {
    for (let at = error; chain.length < LONGEST; ) {
      const cause = at instanceof Error ? at.cause : undefined
      if (cause === undefined || cause === null) break
      chain.push(cause)
      at = cause
    }
  } catch {
    // A cause that cannot be read ends the chain.
  }
  return chain.reverse()
}
