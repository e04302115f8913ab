/** A batch of records, as far as the rule of read-committed looks at it. */
export interface TransactionalBatch {
  /** Kafka's bits: 16 transactional, 32 control. */
  readonly attributes: number
  readonly firstOffset: bigint
  readonly lastOffsetDelta: number
  readonly producerId: bigint
  records: readonly { readonly key: Buffer | null }[]
}

/** What the broker says of a transaction that was aborted. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

const TRANSACTIONAL = 1 << 4
const CONTROL = 1 << 5
const ABORT_MARKER = 0

/**
 * Kafka's rule for readers of committed data. Of one partition, walk the batches in order: a producer counts as aborted
 * from the first offset of an aborted transaction on, until its abort marker; a transactional batch of such a producer
 * loses its records. It stays itself, empty, so that offsets still advance past it. Control records are emptied too.
 */
export function dropAborted(
  batches: readonly TransactionalBatch[],
  aborted: readonly AbortedTransaction[] | null | undefined,
): void {
  const ahead = [...(aborted ?? [])].sort((one, other) => compare(one.firstOffset, other.firstOffset))
  const open = new Set<bigint>()
  let next = 0
  for (const batch of batches) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta)
    for (let one = ahead[next]; one !== undefined && one.firstOffset <= last; one = ahead[++next]) {
      open.add(one.producerId)
    }
    if ((batch.attributes & CONTROL) !== 0) {
      if (isAbortMarker(batch)) open.delete(batch.producerId)
      batch.records = []
    } else if ((batch.attributes & TRANSACTIONAL) !== 0 && open.has(batch.producerId)) {
      batch.records = []
    }
  }
}

/** The key of a control record: version, then type, both 16 bits. */
function isAbortMarker(batch: TransactionalBatch): boolean {
  const key = batch.records[0]?.key
  return key !== undefined && key !== null && key.length >= 4 && key.readInt16BE(2) === ABORT_MARKER
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0
}
