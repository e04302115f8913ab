import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { checkImage } from '../scripts/deploy/image-name.ts'
import { type Manifest, readManifests, renderManifests } from '../scripts/deploy/manifests.ts'
import { deploying, printed } from './deploying.ts'

const image = 'registry.example.com:5000/team/app:1.0'

it('changes the image, the namespace and the number of members, and nothing else', () => {
  const before = JSON.stringify(readManifests())
  const unchanged = { image: 'leader-election:latest', replicas: 2, namespace: undefined }
  expect(JSON.stringify(renderManifests(unchanged))).toBe(before)

  const rendered = renderManifests({ image, replicas: 3, namespace: 'demo' })
  const back = JSON.parse(
    JSON.stringify(rendered)
      .replaceAll(',"namespace":"demo"', '')
      .replace(image, unchanged.image)
      .replace('"replicas":3', '"replicas":2'),
  )
  expect(back).toEqual(readManifests())
  for (const { metadata } of rendered) expect(metadata.namespace).toBe('demo')
  // Without it the account of another namespace would be bound once somebody applies the text elsewhere.
  expect(rendered.find(({ kind }) => kind === 'RoleBinding')).toMatchObject({ subjects: [{ namespace: 'demo' }] })
})

it('prints them without kubectl and without a cluster', { timeout: 60_000 }, async test => {
  const command = await deploying(test, ['--', '--print', '--image', image, '--namespace', 'demo', '--replicas', '3'])
  expect(await command.exited).toMatchObject({ code: 0 })
  const documents = parseAllDocuments(printed(command, 'stdout')).map(one => one.toJS() as Manifest)
  expect(documents).toEqual(renderManifests({ image, replicas: 3, namespace: 'demo' }))
})

it.each([
  'app:1',
  'localhost/app:1',
  'localhost:5000/app:1',
  'ghcr.io/owner/app_x/y-z:v1.2.3',
  `app@sha256:${'a'.repeat(64)}`,
  `registry:5000/app:1@sha256:${'a'.repeat(64)}`,
])('takes the image %s', reference => {
  expect(() => checkImage(reference)).not.toThrow()
})
