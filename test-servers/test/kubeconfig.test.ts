import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { kubeconfigText, readKubeconfig } from '../src/kubernetes/kubeconfig.ts'
import { temporaryFolder } from './support/folder.ts'

const ADMIN = { url: 'https://127.0.0.1:6443', ca: 'the ca\n', token: 'admin' }

function file(text: string, name = 'kubeconfig'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, text)
  return path
}

it.each([ADMIN, { url: ADMIN.url, skipVerify: true, cert: 'certificate', key: 'key' }])(
  'is read back as it was written',
  connection => {
    expect(readKubeconfig(file(kubeconfigText(connection)))).toEqual(connection)
  },
)

it('leads another user another way, without the credentials of the administrator', () => {
  const text = kubeconfigText({ ...ADMIN, cert: 'c', key: 'k' }, { token: 'other', url: 'https://proxy' })
  expect(readKubeconfig(file(text))).toEqual({ url: 'https://proxy', ca: ADMIN.ca, token: 'other' })
  expect(text).not.toContain('admin')
})

it('names the file of a token that changes, and a namespace', () => {
  const tokenFile = file('from the file\n', 'token')
  const text = kubeconfigText(ADMIN, { tokenFile, namespace: 'here' })
  expect(parse(text)).toMatchObject({
    contexts: [{ context: { namespace: 'here' } }],
    users: [{ user: { tokenFile } }],
  })
  expect(readKubeconfig(file(text)).token).toBe('from the file')
})

it('finds files from where it lies, and the current context among several', () => {
  const path = file(`
current-context: b
contexts: [{name: a, context: {cluster: a, user: a}}, {name: b, context: {cluster: b, user: b}}]
clusters: [{name: a, cluster: {server: https://a}}, {name: b, cluster: {server: https://b, certificate-authority: ca.crt}}]
users: [{name: a, user: {token: a}}, {name: b, user: {token: b}}]
`)
  writeFileSync(join(path, '../ca.crt'), 'the ca')
  expect(readKubeconfig(path)).toEqual({ url: 'https://b', ca: 'the ca', token: 'b' })
})

it('refuses what no test can use, naming the file', () => {
  const exec = file(kubeconfigText(ADMIN).replace('token: admin', 'exec: {command: aws}'))
  expect(() => readKubeconfig(exec)).toThrow(`${exec}: its user logs in with exec`)
  const empty = file('kind: Config')
  expect(() => readKubeconfig(empty)).toThrow(`${empty}: its current context names no cluster`)
})
