import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'examples/*/test/**/*.test.ts',
      'bench/test/**/*.test.ts',
      'faults/test/**/*.test.ts',
      'test-servers/test/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    setupFiles: ['test/seed.ts'],
    pool: 'forks',
    testTimeout: 15_000,
  },
})
