import { MultipleErrors } from '@platformatic/kafka'
import type { PartitionOutcome, SendOutcome } from '../port.ts'

interface PartitionAnswer {
  readonly index: number
  readonly errorCode: number
  readonly baseOffset: bigint
}

/** As far as answers to a produce request look alike in all versions. */
interface ProduceAnswer {
  readonly responses: readonly { readonly name: string; readonly partitionResponses: readonly PartitionAnswer[] }[]
}

interface Produced {
  readonly offsets?: readonly { readonly partition: number; readonly offset: bigint }[]
}

/** After these the same records, fewer at a time, may be taken: message or list too large, invalid timestamp or record. */
const REJECTED: ReadonlySet<number> = new Set([10, 18, 32, 87])

/** All partitions of a call that succeeded. */
export function allWritten(partitions: Iterable<number>, produced: Produced): SendOutcome {
  const offsets = new Map((produced.offsets ?? []).map(({ partition, offset }) => [partition, offset]))
  return new Map([...partitions].map(partition => [partition, written(offsets.get(partition))]))
}

/**
 * What became of each partition of a call that failed. The client says so for all of them at once, but one broker, or one
 * partition of a broker, may have taken its records: sending those again would double them.
 */
export function someWritten(
  partitions: Iterable<number>,
  error: Error & { readonly produced?: Produced },
): SendOutcome {
  const offsets = new Map((error.produced?.offsets ?? []).map(({ partition, offset }) => [partition, offset]))
  const answers = new Map<number, PartitionAnswer>()
  // In the order of the attempts: the last answer counts.
  for (const response of answersIn(error)) {
    for (const { partitionResponses } of response.responses) {
      for (const answer of partitionResponses) answers.set(answer.index, answer)
    }
  }
  const outcomes = [...partitions].map((partition): [number, PartitionOutcome] => {
    const answer = answers.get(partition)
    if (answer?.errorCode === 0) return [partition, written(answer.baseOffset)]
    if (answer === undefined && offsets.has(partition)) return [partition, written(offsets.get(partition))]
    return [partition, { written: false, error, rejected: answer !== undefined && REJECTED.has(answer.errorCode) }]
  })
  return new Map(outcomes)
}

function written(offset: bigint | undefined): PartitionOutcome {
  return { written: true, offset: offset ?? -1n }
}

function* answersIn(error: unknown): Generator<ProduceAnswer> {
  const { response } = error as { readonly response?: ProduceAnswer }
  if (Array.isArray(response?.responses)) yield response
  else if (error instanceof MultipleErrors) for (const inner of error.errors) yield* answersIn(inner)
}
