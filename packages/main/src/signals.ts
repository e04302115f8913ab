// Imports nothing else of this package: an entry module loads it before everything that takes time.
export { holdSignals } from './stop-signals.ts'
