export { type MasterComponent, type MasterOptions, master } from './master.ts'
export type { Overrun, Standby } from './settings.ts'
