/** The version of `@dromedary/core` that runs: say it with a bug report. `pnpm release:version` writes this line. */
export const VERSION = '0.1.0'
