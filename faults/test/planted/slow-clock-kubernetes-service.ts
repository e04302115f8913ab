import { createService as createKubernetesService } from '../../src/kubernetes/service.ts'
import type { ServiceFactory } from '../../src/member/contract.ts'
import { slowed } from './slow-clock.ts'

/** The real Kubernetes service, on clocks of some rate. */
export const createService: ServiceFactory = (settings, hooks) =>
  createKubernetesService(settings, slowed(hooks, (settings as { readonly rate?: number }).rate ?? 1))
