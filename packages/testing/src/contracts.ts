export {
  type ClusterClaim,
  type ClusterContract,
  type ClusterFixture,
  clusterServiceCases,
  clusterServiceContract,
} from './contracts/cluster-service.ts'
export {
  type ComponentClaim,
  type ComponentContract,
  type ComponentFixture,
  componentCases,
  componentContract,
} from './contracts/component.ts'
export { type ClaimReasons, type ContractCase, defineContract } from './contracts/contract.ts'
export {
  type IdempotentClaim,
  type IdempotentContract,
  type IdempotentFixture,
  idempotentRepositoryCases,
  idempotentRepositoryContract,
} from './contracts/idempotent-repository.ts'
