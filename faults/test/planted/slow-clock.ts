import type { ServiceHooks } from '../../src/member/contract.ts'

/** With `rate` below 1 both clocks of this member run slow, which is beyond what a cluster service promises to stand. */
export function slowed(hooks: ServiceHooks, rate: number): ServiceHooks {
  const { clock } = hooks
  const monotonicAt = clock.monotonic()
  const wallAt = clock.now()
  const passed = () => (clock.monotonic() - monotonicAt) * rate
  return {
    ...hooks,
    clock: {
      now: () => wallAt + passed(),
      monotonic: () => monotonicAt + passed(),
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    },
    onLease: lease => hooks.onLease({ ...lease, end: monotonicAt + (lease.end - monotonicAt) / rate }),
  }
}
