import type { Ref } from '../definition/ref.ts'
import type { StepCompiler } from './eip.ts'
import { referred } from './referred.ts'

/** What a step refers to. `must` says for people what it has to be. Throws `DROMEDARY_UNKNOWN_BEAN`. */
export const resolveRef = <T>(ref: Ref<T>, at: StepCompiler, must: string, fits: (it: object) => boolean): T =>
  referred(
    typeof ref.ref === 'string' ? { ref: at.text(ref.ref) } : ref,
    `${at.stepId} in route ${at.routeId}`,
    at.lookup,
    it => ((typeof it === 'object' && it !== null) || typeof it === 'function') && fits(it),
    must,
  )

/** Whether it has these methods. */
export const hasMethods =
  (...names: readonly string[]) =>
  (it: object): boolean =>
    names.every(name => typeof (it as Record<string, unknown>)[name] === 'function')

export const isFunction = (it: object): boolean => typeof it === 'function'
