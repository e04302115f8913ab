import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MemberProcess } from '@dromedary/testing/harness'
import { describe, expect, it } from 'vitest'
import { example, set, temporaryFolder } from './members.ts'

const ANY_ROUTE = fileURLToPath(new URL('fixtures/any-route.ts', import.meta.url))

/** Everything that the process printed: exactly one line, an error, and no stack; exit code 1. */
async function onlyLine(member: MemberProcess): Promise<string> {
  const { code } = await member.exited
  const lines = member.lines.all.map(({ text }) => text)
  expect({ code, lines }).toEqual({
    code: 1,
    lines: [expect.stringMatching(/ ERROR \[\w+\] \(Dromedary \([\w-]+\)\) .*DROMEDARY_\w+: /)],
  })
  return lines[0]?.replace(/^.*?(?=DROMEDARY_)/, '') as string
}

describe('a route', () => {
  it.for<[string, string, RegExp]>([
    [
      'an unknown scheme',
      'tmier:x?password=swordfish',
      /^DROMEDARY_UNKNOWN_SCHEME: .*tmier.*password=xxxxxx.*did you mean timer\?/,
    ],
    [
      'an unknown option',
      'timer:x?perid=5s&secretKey=swordfish',
      /^DROMEDARY_UNKNOWN_OPTION: .*perid.*did you mean period\?/,
    ],
    [
      'an unknown option behind master:',
      'master:ns:timer:x?perid=5s',
      /^DROMEDARY_UNKNOWN_OPTION: .*perid.*did you mean period\?/,
    ],
    ['an option of the wrong type', 'timer:x?period=often', /^DROMEDARY_INVALID_OPTION: .*period.*often/],
    [
      'an unknown placeholder',
      'timer:x?period={{perid}}&token=swordfish',
      /^DROMEDARY_UNKNOWN_PLACEHOLDER: .*\{\{perid\}\} in uri has no value.*did you mean period\?/,
    ],
    ['a placeholder that is not closed', 'timer:x?period={{period', /^DROMEDARY_INVALID_PLACEHOLDER: /],
    ['no scheme', 'timer', /^DROMEDARY_INVALID_URI: .*timer/],
    ['a master: without a delegate', 'master:ns', /^DROMEDARY_INVALID_URI: .*master:/],
    ['a URI that is empty', '', /^DROMEDARY_INVALID_URI: /],
  ])('with %s', async ([, uri, expected], test) => {
    const member = await example(test, ANY_ROUTE).spawn(`uri=${uri}`, 'period=5s')
    const line = await onlyLine(member)
    expect(line).toMatch(expected)
    expect(line).not.toContain('swordfish')
  })
})

describe('the configuration', () => {
  it.for<[string, string[], RegExp]>([
    [
      'a misspelt key',
      ['cluster.file.rot=x'],
      /^DROMEDARY_CONFIG: Unknown key cluster\.file\.rot; did you mean cluster\.file\.root\? \(--set\)$/,
    ],
    ['an empty folder', ['cluster.file.root='], /^DROMEDARY_CONFIG: cluster\.file\.root is empty; leave it out/],
    [
      'a misspelt group',
      ['cluster.fiel.root=x'],
      /^DROMEDARY_CONFIG: Unknown key cluster\.fiel\.root; did you mean cluster\.file\.root\?/,
    ],
    [
      'a wrong duration',
      ['cluster.file.stale=soon'],
      /^DROMEDARY_CONFIG: cluster\.file\.stale="soon": must be .*\(--set\)$/,
    ],
    ['a stale below its floor', ['cluster.file.stale=1s'], /^DROMEDARY_C\w+: cluster\.file\.stale.*at least 2/],
    [
      'a stale that update does not fit into',
      ['cluster.file.stale=2s', 'cluster.file.update=2s'],
      /^DROMEDARY_C\w+: .*(update|stale)/,
    ],
    [
      'two cluster services',
      ['cluster.service=file,kubernetes'],
      /^DROMEDARY_CONFIG: cluster\.service="file,kubernetes": one cluster service at a time, not a list; available: file, kubernetes, none/,
    ],
    [
      'a cluster service that is not there',
      ['cluster.service=flie'],
      /^DROMEDARY_CONFIG: cluster\.service="flie": no such cluster service here; available: file, kubernetes, none; did you mean file\?/,
    ],
    ['no cluster service at all', ['cluster.service=none'], /^DROMEDARY_CLUSTER_MISSING: /],
    [
      'an unknown form of the routes',
      ['example.routes=typd'],
      /^DROMEDARY_CONFIG: example\.routes="typd": must be one of string, typed; did you mean typed\?$/,
    ],
  ])('with %s', async ([, settings, expected], test) => {
    expect(await onlyLine(await example(test).spawn(...settings))).toMatch(expected)
  })

  it.for<[string, RegExp]>([
    [
      'renew-deadlin=5s',
      /^DROMEDARY_CONFIG: Unknown key .*; did you mean cluster\.kubernetes\.renew-deadline\? \(--set\)$/,
    ],
    ['early-takeover=always', /^DROMEDARY_CONFIG: cluster\.kubernetes\.early-takeover="always": must be one of /],
    ['resource-name=My_Leases', /^DROMEDARY_CLUSTER_CONFIG: .*resourceName "My_Leases"/],
    ['lease-duration=15500ms', /^DROMEDARY_CLUSTER_CONFIG: .*leaseDuration \(15500 ms\) must be whole seconds/],
    ['lease-duration=10s', /^DROMEDARY_CLUSTER_CONFIG: .*renewDeadline \(10s\) must be shorter than leaseDuration/],
    ['renew-deadline=14100ms', /^DROMEDARY_CLUSTER_CONFIG: .*500 ms are needed to drain/],
    ['retry-period=9s', /^DROMEDARY_CLUSTER_CONFIG: .*jitterFactor times retryPeriod/],
    ['jitter-factor=6', /^DROMEDARY_CLUSTER_CONFIG: .*jitterFactor times retryPeriod/],
    [
      'connection-timeout=10s',
      /^DROMEDARY_CLUSTER_CONFIG: .*connectionTimeout \(10s\) must be shorter than renewDeadline/,
    ],
    ['kubeconfig=/none/there', /^DROMEDARY_CLUSTER_CONFIG: .*\/none\/there/],
  ])('with cluster.kubernetes.%s', async ([setting, expected], test) => {
    const member = await example(test).spawn('cluster.service=kubernetes', `cluster.kubernetes.${setting}`)
    expect(await onlyLine(member)).toMatch(expected)
  })

  it('with a root that cannot be a folder', async test => {
    const members = example(test)
    const file = join(temporaryFolder(test), 'file')
    writeFileSync(file, '')
    const member = await members.run(set(`cluster.file.root=${join(file, 'below')}`))
    expect(await onlyLine(member)).toMatch(/^DROMEDARY_CLUSTER_\w+: .*file\/below/)
  })

  it('with a file that says nothing of the namespace, is no YAML, or is not there', async test => {
    const folder = temporaryFolder(test)
    const members = example(test)
    const withFile = async (text: string | undefined): Promise<string> => {
      const file = join(folder, 'app.yaml')
      if (text !== undefined) writeFileSync(file, text)
      return onlyLine(await members.run(['--config', text === undefined ? join(folder, 'none.yaml') : file]))
    }
    expect(await withFile('cluster.file.root: here')).toMatch(
      /^DROMEDARY_UNKNOWN_PLACEHOLDER: .*\{\{node\.namespace\}\}/,
    )
    expect(await withFile('node:\n  namespace: [')).toMatch(/^DROMEDARY_CONFIG: .*not YAML.*app\.yaml:\d\)$/)
    expect(await withFile('node:\n  namspace: x')).toMatch(
      /^DROMEDARY_CONFIG: Unknown key node\.namspace; did you mean node\.namespace\? \(.*app\.yaml:2\)$/,
    )
    expect(await withFile(undefined)).toMatch(/^DROMEDARY_CONFIG: .*cannot be read: ENOENT.*none\.yaml/)
  })

  it('with an unknown argument', async test => {
    expect(await onlyLine(await example(test).run(['--sett', 'a=b']))).toMatch(
      /^DROMEDARY_CONFIG: Unknown argument "--sett"/,
    )
  })
})
