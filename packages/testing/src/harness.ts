export { type Line, Lines, type WaitForLine } from './harness/lines.ts'
export { MemberProcess, type ProcessExit } from './harness/member-process.ts'
export { MemberGroup, type SpawnOptions, spawnMember } from './harness/spawn.ts'
