export {
  type ClusterClaim,
  type ClusterContract,
  type ClusterFixture,
  clusterServiceCases,
  clusterServiceContract,
} from './contracts/cluster-service.ts'
export { type ClaimReasons, type ContractCase, defineContract } from './contracts/contract.ts'
