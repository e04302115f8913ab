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
    // Vitest's second is less than a busy machine may take.
    expect: { poll: { timeout: 20_000 } },
    // A test that hangs; how long one takes is no test.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
