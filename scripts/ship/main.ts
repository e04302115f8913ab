/**
 * What `pnpm build`, `build:native` and `build:root` of an application run, in its folder: see `commands.ts`. A mistake of
 * the person at the keyboard is one line and exit code 1.
 */
const OLDEST = 26

try {
  const [major = 0] = process.versions.node.split('.').map(Number)
  // Older ones neither make an executable of modules nor parse what is imported here.
  if (major < OLDEST)
    throw new Error(`this is built by Node ${OLDEST} or newer, and this is Node ${process.versions.node}`)
  const { shipCommand } = await import('./commands.ts')
  await shipCommand(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

export {}
