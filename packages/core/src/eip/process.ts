import type { Eip } from './eip.ts'
import { referredProcessor } from './referred.ts'

/** A step in TypeScript: the function itself, or a bean that is one. */
export const process: Eip<'process'> = ({ processor }, at) =>
  typeof processor === 'function'
    ? processor
    : referredProcessor(processor, `process in route ${at.routeId}`, at.lookup)
