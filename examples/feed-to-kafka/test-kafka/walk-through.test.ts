import { existsSync } from 'node:fs'
import { findServerSource } from '@dromedary/test-servers/kafka'
import { sharedKafka } from '@dromedary/test-servers/kafka/vitest'
import { describe, expect, it } from 'vitest'
import { scripts } from '../test/support/scripts.ts'
import { FOLLOWS, LEADS } from './support/stage.ts'

// The reader is Kafka's own.
describe.skipIf(findServerSource().kind === 'none')('what the README tells', { timeout: 180_000 }, () => {
  it('start, a further member, a kill, and a check that finds everything; then nothing is left', async () => {
    const { run, folder, runFile } = scripts({ KAFKA_BROKERS: sharedKafka().brokers })
    const settings = ['--set', `cluster.file.root=${folder}/cluster`]
    const start = await run('start', ...settings)
    const { text } = await start.waitForLine('the first member has pid', { within: 30_000 })
    await start.waitForLine(LEADS, { within: 30_000 })
    await start.waitForLine(/^feed: tcp connection 1 /)
    const again = await run('start')
    expect((await again.exited).code).toBe(1)
    expect(again.lines.all[0]?.text).toContain('it runs already')

    const member = await run('member', ...settings)
    await member.waitForLine(FOLLOWS, { within: 30_000 })
    process.kill(Number(/pid (\d+)/.exec(text)?.[1]), 'SIGKILL')
    await member.waitForLine(LEADS)
    await start.waitForLine('the first member has ended (SIGKILL)')
    await start.waitForLine(/^feed: tcp connection 2 /)

    const check = await run('check')
    const { code } = await check.exited
    expect(code, check.lines.all.map(line => line.text).join('\n')).toBe(0)
    await member.stop()
    expect((await start.stop()).code).toBe(0)
    expect(existsSync(runFile)).toBe(false)
  })
})
