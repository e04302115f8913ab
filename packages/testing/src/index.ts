export { type EventuallyOptions, eventually } from './eventually.ts'
export { FakeClock, type FakeClockOptions } from './fake-clock.ts'
export { FakeGate, type FakeGateParts, type FakeRoute } from './fake-gate.ts'
export { FakeShared } from './fake-shared.ts'
export { MemoryMember, type MemoryMemberOptions } from './memory/member.ts'
export { type MemoryRecord, MemoryStore, type StoredRecord, type StoreFaults } from './memory/store.ts'
export {
  type MemoryCluster,
  type MemoryClusterEvent,
  type MemoryClusterOptions,
  memoryCluster,
} from './memory-cluster.ts'
export { FakeRouteEntry, type FakeRouteOptions, fakeRoute, type ReportedError } from './route-entry.ts'
export { settle } from './settle.ts'
export { SkewedClock, type SkewedClockOptions } from './skewed-clock.ts'
