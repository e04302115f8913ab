import type { StepDefinition, StepKind, StepNodes } from './steps.ts'

type Steps = readonly StepDefinition[]

/** Kinds of steps that other steps are nested in. */
export type BlockKind = { [K in StepKind]: '~block' extends keyof StepNodes[K] ? K : never }[StepKind]

/** Where the blocks of each such kind lie, in the order of writing. A kind that is missing does not compile. */
const BLOCKS: { readonly [K in BlockKind]: (step: StepNodes[K]) => readonly Steps[] } = {
  filter: step => [step.steps],
  split: step => [step.steps],
  aggregate: step => [step.steps],
  choice: step => [...step.when.map(clause => clause.steps), step.otherwise?.steps ?? []],
  idempotentConsumer: step => [step.steps],
  doTry: step => [step.steps, ...step.doCatch.map(clause => clause.steps), step.doFinally?.steps ?? []],
}

/** The blocks of a step: what is nested in it, in the order of writing; none for most kinds. */
export function blocksOf(step: StepDefinition): readonly Steps[] {
  const blocks = (BLOCKS as Readonly<Record<string, ((step: never) => readonly Steps[]) | undefined>>)[step.kind]
  return blocks === undefined ? [] : blocks(step as never)
}

/** Every step of a route, parents before their children. */
export function* everyStep(steps: Steps): Generator<StepDefinition> {
  for (const step of steps) {
    yield step
    for (const block of blocksOf(step)) yield* everyStep(block)
  }
}

/** How deep blocks are nested: 0 for steps without any. */
export const nesting = (steps: Steps): number =>
  steps.reduce((deepest, step) => Math.max(deepest, ...blocksOf(step).map(block => 1 + nesting(block))), 0)
