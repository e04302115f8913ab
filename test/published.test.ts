import { expect, it } from 'vitest'
import { dryRunComplaints } from '../scripts/checks/package-format.ts'
import { complaintsAbout } from '../scripts/checks/published.ts'
import { publishedPackages } from '../scripts/workspace.ts'

/** The manifest of the timer as pnpm packs it, and the files that it names. */
function packed() {
  const timer = publishedPackages().find(({ folder }) => folder === 'packages/timer')
  if (!timer) throw new Error('there is no packages/timer')
  const { exports, types, access } = timer.manifest.publishConfig as Record<string, unknown>
  const peerDependencies = { '@dromedary/core': `^${timer.manifest.version}` }
  return {
    manifest: { ...timer.manifest, exports, types, publishConfig: { access }, peerDependencies, dependencies: {} },
    files: new Set(['README.md', 'LICENSE', 'package.json', 'dist/index.d.ts', 'lib/index.js']),
  } as Parameters<typeof complaintsAbout>[0] & { manifest: Record<string, unknown>; files: Set<string> }
}

it('has nothing against a package that is complete', () => {
  expect(complaintsAbout(packed())).toEqual([])
})

it.each(['description', 'license', 'author', 'homepage', 'keywords', 'type', 'types', 'sideEffects'])(
  'misses %s',
  field => {
    const { manifest, files } = packed()
    const { [field]: _, ...rest } = manifest
    expect(complaintsAbout({ manifest: rest as typeof manifest, files })).toContain(`has no ${field}`)
  },
)

it.each([
  ['repository', 'directory'],
  ['bugs', 'url'],
  ['engines', 'node'],
  ['publishConfig', 'access'],
])('misses %s.%s', (field, part) => {
  const { manifest, files } = packed()
  const whole = { ...(manifest[field] as object), [part]: undefined }
  expect(complaintsAbout({ manifest: { ...manifest, [field]: whole }, files })).toContain(`has no ${field}.${part}`)
})

it('misses files that are promised, and those that every package has', () => {
  for (const file of ['README.md', 'LICENSE', 'dist/index.d.ts', 'lib/index.js']) {
    const { manifest, files } = packed()
    files.delete(file)
    expect(complaintsAbout({ manifest, files }).join()).toContain(file)
  }
})

it('finds what is nothing for users, and what means something in this repository alone', () => {
  const { manifest, files } = packed()
  files.add('test/x.test.ts').add('dist/tsconfig.tsbuildinfo')
  const dependencies = { zod: 'catalog:', '@dromedary/core': 'workspace:^' }
  const complaints = complaintsAbout({ manifest: { ...manifest, dependencies }, files })
  expect(complaints).toHaveLength(5)
  expect(complaints.join()).toMatch(/test\/x\.test\.ts.*tsbuildinfo.*zod as catalog.*workspace.*must be a peer/s)
})

it('takes from a dry run its notices alone, one for each package', () => {
  const notices = '📦 @x/a@0.1.0 → https://registry.npmjs.org/\n[WARN] Skip publishing @x/a@0.1.0 (dry run)\n'
  expect(dryRunComplaints(notices, ['@x/a'])).toEqual([])
  expect(dryRunComplaints('There are no new packages that should be published\n', ['@x/a'])).toEqual([])
  expect(dryRunComplaints(`[WARN] something else\n${notices}`, ['@x/a'])).toHaveLength(1)
  expect(dryRunComplaints(notices, ['@x/a', '@x/b'])).toEqual(['a dry run of publishing leaves out @x/b'])
  expect(dryRunComplaints(notices, [])).toEqual(['a dry run of publishing would publish @x/a'])
})
