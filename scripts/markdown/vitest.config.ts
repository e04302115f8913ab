import { defineConfig } from 'vitest/config'

/** For blocks of the documentation that define tests. */
export default defineConfig({ test: { include: ['**/block.ts', '**/*.test.ts'], pool: 'forks', testTimeout: 20_000 } })
