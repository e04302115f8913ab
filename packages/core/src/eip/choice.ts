import type { Eip } from './eip.ts'

/** Content-Based Router: the first clause that matches runs, and no other; the route goes on after `end()`. */
export const choice: Eip<'choice'> = (step, at) => {
  const predicates = step.when.map(clause => at.predicate(clause.expression))
  const branches = step.when.map(clause => at.steps(clause.steps))
  const otherwise = step.otherwise && at.steps(step.otherwise.steps)
  return exchange => {
    for (let index = 0; index < predicates.length; index++) {
      if (predicates[index]?.(exchange)) return branches[index]?.(exchange)
    }
    return otherwise?.(exchange)
  }
}
