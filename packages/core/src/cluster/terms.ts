/** The term of an acquiring write (I7): grows whatever happened to the record, as long as clocks are roughly right. */
export function nextTerm(recorded: bigint, highestSeen: bigint, wallMs: number): bigint {
  let term = BigInt(Math.max(0, Math.floor(wallMs)))
  if (recorded >= term) term = recorded + 1n
  if (highestSeen >= term) term = highestSeen + 1n
  return term
}
