import { MemberGroup, type SpawnOptions } from '@dromedary/testing/harness'
import type { TestContext } from 'vitest'

/** Processes that are killed after the test, also after one that was given up. */
export function groupOf({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, defaults?: SpawnOptions): MemberGroup {
  const group = new MemberGroup(defaults)
  onTestFinished(() => group[Symbol.asyncDispose]())
  return group
}
