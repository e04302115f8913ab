import type { StepKind } from '../definition/steps.ts'
import { aggregate } from './aggregate.ts'
import { bean } from './bean.ts'
import { choice } from './choice.ts'
import { delay } from './delay.ts'
import { doTry } from './do-try.ts'
import type { Eip } from './eip.ts'
import { filter } from './filter.ts'
import { idempotentConsumer } from './idempotent-consumer.ts'
import { log } from './log.ts'
import { marshal } from './marshal.ts'
import { pausable } from './pausable.ts'
import { process } from './process.ts'
import { removeHeader } from './remove-header.ts'
import { removeHeaders } from './remove-headers.ts'
import { resumable } from './resumable.ts'
import { setBody } from './set-body.ts'
import { setHeader } from './set-header.ts'
import { setHeaders } from './set-headers.ts'
import { setProperty } from './set-property.ts'
import { setVariable } from './set-variable.ts'
import { split } from './split.ts'
import { stop } from './stop.ts'
import { throttle } from './throttle.ts'
import { to } from './to.ts'
import { toD } from './to-d.ts'
import { transform } from './transform.ts'
import { unmarshal } from './unmarshal.ts'
import { validate } from './validate.ts'
import { wireTap } from './wire-tap.ts'

/** Every kind of step has exactly one compiler; the compiler of TypeScript sees to it. */
export const eips: { readonly [K in StepKind]: Eip<K> } = {
  aggregate,
  bean,
  choice,
  delay,
  doTry,
  filter,
  idempotentConsumer,
  log,
  pausable,
  marshal,
  process,
  removeHeader,
  removeHeaders,
  resumable,
  setBody,
  setHeader,
  setHeaders,
  setProperty,
  setVariable,
  split,
  stop,
  throttle,
  to,
  toD,
  transform,
  unmarshal,
  validate,
  wireTap,
}
