import { buildBinary } from './binary.ts'
import { kubectlBinary } from './kubectl.ts'

try {
  process.stdout.write(`${await buildBinary()}\n`)
  process.stdout.write(`${await kubectlBinary()}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
