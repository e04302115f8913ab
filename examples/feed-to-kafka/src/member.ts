import { runFileOr, settingsOf } from './start/run-file.ts'

/** A further member of what `start` has started. Takes `--set` and `--config` like the application itself. */
try {
  process.argv.splice(2, 0, ...settingsOf(runFileOr('run "node src/main.ts" with settings of your own')))
} catch (error) {
  process.stderr.write(`member: ${error instanceof Error ? error.message : error}\n`)
  process.exit(1)
}
await import('./main.ts')
