import { defineConfig } from 'vitest/config'
import { findSource } from './test-servers/src/kafka/source.ts'

/** Tests against a real Kafka broker; what they need is in test-servers/README.md. */
export default defineConfig({
  test: {
    include: [
      'test-servers/test-kafka/**/*.test.ts',
      'packages/*/test-kafka/**/*.test.ts',
      'examples/*/test-kafka/**/*.test.ts',
      'faults/test-kafka/**/*.test.ts',
    ],
    globalSetup: ['test-servers/src/kafka/global-setup.ts'],
    setupFiles: ['test/seed.ts'],
    pool: 'forks',
    // Most of the time they wait for what was killed to come back.
    maxWorkers: 2,
    // Vitest's second is less than a busy machine may take.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A name that no test has: all are skipped, and so are their hooks. The global setup says why, or fails on CI.
    ...(findSource().kind === 'none' ? { testNamePattern: /(?!)/ } : {}),
  },
})
