import { createService as createFileService } from '../../src/file/service.ts'
import type { ServiceFactory } from '../../src/member/contract.ts'
import { slowed } from './slow-clock.ts'

/** The real file service, on clocks of some rate. */
export const createService: ServiceFactory = (settings, hooks) =>
  createFileService(settings, slowed(hooks, (settings as { readonly rate?: number }).rate ?? 1))
