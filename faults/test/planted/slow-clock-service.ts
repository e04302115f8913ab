import { createService as createFileService } from '../../src/file/service.ts'
import type { ServiceFactory } from '../../src/member/contract.ts'

/** The real file service; with `rate` below 1 both clocks of this member run slow, which is beyond what it promises to stand. */
export const createService: ServiceFactory = (settings, hooks) => {
  const { rate = 1 } = settings as { readonly rate?: number }
  const { clock } = hooks
  const monotonicAt = clock.monotonic()
  const wallAt = clock.now()
  const passed = () => (clock.monotonic() - monotonicAt) * rate
  return createFileService(settings, {
    ...hooks,
    clock: {
      now: () => wallAt + passed(),
      monotonic: () => monotonicAt + passed(),
      setTimeout: (callback, ms) => clock.setTimeout(callback, ms),
    },
    onLease: lease => hooks.onLease({ ...lease, end: monotonicAt + (lease.end - monotonicAt) / rate }),
  })
}
