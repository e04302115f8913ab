import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileClusterOptions } from '@dromedary/cluster-file'
import { kubernetesClusterOptions } from '@dromedary/cluster-kubernetes'
import { expect, it } from 'vitest'
import { advice } from '../scripts/deploy/advice.ts'
import { USAGE } from '../scripts/deploy/arguments.ts'
import { DEPLOY_CODES } from '../scripts/deploy/error.ts'
import { electedIn } from '../test-kubernetes/support/elected.ts'

const folder = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(join(folder, 'README.md'), 'utf8')

it.each([
  // These two are for people who know why they want them.
  ['file', fileClusterOptions.shape, ['id', 'allowKubernetes']],
  ['kubernetes', kubernetesClusterOptions.shape, ['id']],
] as const)('names every option of the %s service with its default', (service, shape, special) => {
  for (const [field, schema] of Object.entries(shape)) {
    if (special.some(name => name === field)) continue
    const key = field.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
    const row = readme.split('\n').find(line => line.startsWith(`| \`cluster.${service}.${key}\` `))
    expect(row, key).toBeDefined()
    const standard = schema.safeParse(undefined).data
    if (typeof standard === 'string') expect(row).toContain(`\`${standard}\``)
    if (typeof standard !== 'number') continue
    // The one number that is no time.
    const written = standard === 0 || key === 'jitter-factor' ? String(standard) : `${standard / 1000}s`
    expect(row).toContain(`\`${written}\``)
  }
})

it('shows lines of elections on Leases as they are', () => {
  const lines = readme.split('\n').filter(line => /leader of camel-master is this member, .* Lease /.test(line))
  const elected = lines.map(text => electedIn({ text, at: 0 }))
  expect(elected.map(one => one?.reason)).toEqual(['first election', 'released', 'its container terminated'])
  for (const one of elected) expect(one?.id).toBe(one?.pod)
})

it('shows what the deploy command says to do next', () => {
  const [first = ''] = advice('leader-election', { context: 'kind-kind', namespace: 'demo' }).split('\n')
  expect(readme).toContain(`\nDone. Next:\n${first}\n`)
})

it('has the codes of the deploy command in the guide', () => {
  const guide = readFileSync(join(folder, '../../docs/guide/kubernetes.md'), 'utf8')
  const rows = Object.entries(DEPLOY_CODES).map(([code, sentence]) => `| \`${code}\` | ${sentence} |`)
  expect(guide.match(/^\| `DEPLOY_.*$/gm)).toEqual(rows)
})

it('has the options of the deploy command in the guide', () => {
  const guide = readFileSync(join(folder, '../../docs/guide/kubernetes.md'), 'utf8')
  for (const [option] of USAGE.matchAll(/--[a-z-]+(?: [A-Z]+)?(?= {2})/g)) {
    if (option !== '--help') expect(guide).toContain(`\`${option}\``)
  }
})

it('links to files that are there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link as string)
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter(link => !existsSync(join(folder, link)))).toEqual([])
})
