import { defineConfig } from 'vitest/config'
import { findSource } from './test-servers/src/kubernetes/source.ts'

/** Tests against a real API server; what they need is in test-servers/README.md. */
export default defineConfig({
  test: {
    include: [
      'test-servers/test-kubernetes/**/*.test.ts',
      'packages/*/test-kubernetes/**/*.test.ts',
      'examples/*/test-kubernetes/**/*.test.ts',
      'faults/test-kubernetes/**/*.test.ts',
    ],
    globalSetup: ['test-servers/src/kubernetes/global-setup.ts'],
    setupFiles: ['test/seed.ts'],
    pool: 'forks',
    // Vitest's second is less than a busy machine may take.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A name that no test has: all are skipped, and so are their hooks. The global setup says why, or fails on CI.
    ...(findSource().kind === 'none' ? { testNamePattern: /(?!)/ } : {}),
  },
})
