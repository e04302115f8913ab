export { MESSAGE_BYTES, type Message, type MessageOptions, messageOf } from './message.ts'
export type { DropHow, Simulator, SimulatorOptions, SimulatorStats } from './options.ts'
export { startSimulator } from './start.ts'
