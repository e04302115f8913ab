import fc from 'fast-check'

/** Generated tests are the same in each run; `SEED=… pnpm test` tries others. fast-check prints what failed, and its path. */
fc.configureGlobal({
  seed: Number(process.env['SEED'] ?? 20261122),
  // Else what is made is ten long at most, whatever a test says.
  defaultSizeToMaxWhenMaxSpecified: true,
})
