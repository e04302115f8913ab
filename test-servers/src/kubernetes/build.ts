import { buildBinary } from './binary.ts'

try {
  process.stdout.write(`${await buildBinary()}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
