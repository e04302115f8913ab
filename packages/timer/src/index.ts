export type { TimerOptions } from './options.ts'
export { type TimerComponent, timer } from './timer.ts'
