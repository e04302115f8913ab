import { defineConfig } from 'vitest/config'

/** Tests of what is shipped: built once, by the commands that a person uses, then run as it will run. */
export default defineConfig({
  test: {
    include: ['examples/*/test-shipping/**/*.test.ts'],
    globalSetup: ['examples/leader-election/test-shipping/support/global-setup.ts'],
    setupFiles: ['test/seed.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Vitest's second is less than a busy machine may take.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
