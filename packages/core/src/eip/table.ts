import type { StepKind } from '../definition/steps.ts'
import { bean } from './bean.ts'
import { choice } from './choice.ts'
import { delay } from './delay.ts'
import type { Eip } from './eip.ts'
import { filter } from './filter.ts'
import { log } from './log.ts'
import { process } from './process.ts'
import { removeHeader } from './remove-header.ts'
import { removeHeaders } from './remove-headers.ts'
import { setBody } from './set-body.ts'
import { setHeader } from './set-header.ts'
import { setHeaders } from './set-headers.ts'
import { setProperty } from './set-property.ts'
import { setVariable } from './set-variable.ts'
import { stop } from './stop.ts'
import { to } from './to.ts'
import { toD } from './to-d.ts'
import { transform } from './transform.ts'

/** Every kind of step has exactly one compiler; the compiler of TypeScript sees to it. */
export const eips: { readonly [K in StepKind]: Eip<K> } = {
  bean,
  choice,
  delay,
  filter,
  log,
  process,
  removeHeader,
  removeHeaders,
  setBody,
  setHeader,
  setHeaders,
  setProperty,
  setVariable,
  stop,
  to,
  toD,
  transform,
}
