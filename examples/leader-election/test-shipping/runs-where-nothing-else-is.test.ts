import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MemberProcess } from '@dromedary/testing/harness'
import { describe, expect, inject, it } from 'vitest'
import { insideOf, jailed, jailUnavailable, MEET, statusOf } from '../../../scripts/ship/jail.ts'
import manifest from '../package.json' with { type: 'json' }
import { UNREACHABLE } from '../test/kubeconfigs.ts'
import { FIRED, LEADS, set, temporaryFolder } from '../test/members.ts'
import { groupOf } from './support/group.ts'

const built = inject('built')
const FORMS = [
  ['the application folder', built.imageRoot, ['/usr/local/bin/node', '/app/dist/main.js']],
  ['the native executable', built.nativeRoot, ['/app/application']],
] as const
const problems = (member: MemberProcess) => member.lines.matching(/ (WARN|ERROR) |^\s+at /)

describe.skipIf(jailUnavailable()).for(FORMS)(
  '%s, as user 65532, read-only, without an environment',
  ([, root, command]) => {
    it('leads, is who it should be, and two of them hand over', async test => {
      const meet = temporaryFolder(test)
      const members = groupOf(test)
      const start = () => members.spawn(jailed(root, meet, [...command, ...set(`cluster.file.root=${MEET}`)]))
      const leader = await start()
      await leader.waitForLine(FIRED)
      const pid = insideOf(leader)
      expect(statusOf(pid, 'Uid').split('\t')).toEqual(['65532', '65532', '65532', '65532'])
      expect([statusOf(pid, 'Groups'), statusOf(pid, 'CapEff')]).toEqual(['', '0000000000000000'])
      // As it sees itself.
      expect(statusOf(pid, 'NSpid').split('\t').at(-1)).toBe('1')

      const follower = await start()
      await follower.waitForLine('HeartBeating')
      process.kill(insideOf(leader), 'SIGKILL')
      expect((await follower.waitForLine(LEADS)).text).toContain('(process ended)')
      expect([...problems(leader), ...problems(follower)]).toEqual([])
    })

    it('writes nowhere: a folder that cannot be made is one line', async test => {
      const members = groupOf(test)
      const member = await members.spawn(
        jailed(root, temporaryFolder(test), [...command, ...set('cluster.file.root=/app/cluster')]),
      )
      expect(await member.exited).toMatchObject({ code: 1 })
      expect(member.lines.all).toHaveLength(1)
      expect(member.lines.all[0]?.text).toContain('DROMEDARY_CLUSTER_CONFIG')
    })

    it('brings the client of Kubernetes and the JSON log with it', async test => {
      const meet = temporaryFolder(test)
      writeFileSync(join(meet, 'kubeconfig'), UNREACHABLE)
      const members = groupOf(test)
      const settings = set(
        'cluster.service=kubernetes',
        `cluster.kubernetes.kubeconfig=${MEET}/kubeconfig`,
        'log.format=json',
      )
      const member = await members.spawn(jailed(root, meet, [...command, ...settings]))
      const { text } = await member.waitForLine('cannot be used')
      expect(JSON.parse(text)).toMatchObject({
        level: 40,
        category: 'cluster',
        msg: expect.stringContaining('ECONNREFUSED'),
      })
      await member.waitForLine('HeartBeating')
    })

    it.runIf('@dromedary/observability' in manifest.dependencies)('answers probes', async test => {
      const members = groupOf(test)
      const settings = set('observe.enabled=true', 'observe.port=0', `cluster.file.root=${MEET}`)
      const member = await members.spawn(jailed(root, temporaryFolder(test), [...command, ...settings]))
      const [address] = /http:\S+(?=\/observe)/.exec((await member.waitForLine('/observe')).text) ?? []
      await member.waitForLine(LEADS)
      const ready = await fetch(`${address}/observe/health/ready`)
      expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'UP' }])
    })
  },
)
