import { join } from 'node:path'
import { systemClock } from '@dromedary/core'
import { afterEach, describe, expect, it } from 'vitest'
import { MemberGroup, spawnMember } from '../src/harness.ts'
import { eventually } from '../src/index.ts'

const script = join(import.meta.dirname, 'fixtures/member.ts')

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('the process harness', () => {
  let members = new MemberGroup({ script })
  afterEach(async () => {
    await members[Symbol.asyncDispose]()
    members = new MemberGroup({ script })
  })

  it('runs a process with arguments and environment, and waits for its lines by event', async () => {
    const member = await members.spawn({ args: ['one'], env: { GREETING: 'hello' } })
    const line = await member.waitForLine('up')
    expect([line.text, line.stream]).toEqual(['up one hello', 'stdout'])
    expect(line.at).toBeLessThanOrEqual(systemClock.monotonic())
    expect((await member.waitForLine(/stderr/)).stream).toBe('stderr')
    member.writeLine('something')
    await member.waitForLine('told something')
    expect(member.lines.matching(/^told/)).toEqual(['told something'])
  })

  it('runs a command that needs no script; without either there is nothing to run', async () => {
    await using echo = await spawnMember({ command: process.execPath, nodeArgs: ['-p'], args: ['1 + 1'] })
    await echo.waitForLine(/^2$/)
    await expect(spawnMember({ args: ['one'] })).rejects.toThrow('a member needs a script or a command')
  })

  it('looks at what was printed before, or only at what comes from an index on', async () => {
    const member = await members.spawn()
    await member.waitForLine('beat 2')
    expect((await member.waitForLine('beat 1')).text).toBe('beat 1')
    const from = member.lines.all.length
    const next = await member.waitForLine('beat', { from })
    expect(member.lines.all.indexOf(next)).toBeGreaterThanOrEqual(from)
  })

  it('says what was printed instead, when a line does not come', async () => {
    const member = await members.spawn({ name: 'the first' })
    await member.waitForLine('up')
    await expect(member.waitForLine('never', { within: 50 })).rejects.toThrow(
      /no line never from the first.*not within 50 ms/,
    )
    const waiting = member.waitForLine('never')
    member.kill()
    await expect(waiting).rejects.toThrow(/it ended with SIGKILL/)
    await expect(member.waitForLine('never')).rejects.toThrow(/it ended with SIGKILL/)
  })

  it('kills, and tells when', async () => {
    const member = await members.spawn()
    await member.waitForLine('up')
    const sentAt = member.kill()
    const exit = await member.exited
    expect([exit.code, exit.signal, member.running]).toEqual([null, 'SIGKILL', false])
    expect(exit.at).toBeGreaterThanOrEqual(sentAt)
    expect(exists(member.pid)).toBe(false)
    expect([member.signal('SIGTERM'), member.pause()]).toEqual([false, false])
  })

  it('pauses and resumes', async () => {
    const member = await members.spawn()
    await member.waitForLine('beat 1')
    member.pause()
    // What was in the pipe when it stopped still arrives; then nothing more.
    let before = -1
    await eventually(
      () => {
        const same = member.lines.all.length === before
        before = member.lines.all.length
        return same
      },
      { every: 100 },
    )
    expect(member.lines.all).toHaveLength(before)
    member.resume()
    await member.waitForLine('beat', { from: before })
  })

  it('stops by SIGTERM, also one that stands still; and by force one that does not listen', async () => {
    const paused = await members.spawn()
    await paused.waitForLine('up')
    paused.pause()
    expect(await paused.stop()).toMatchObject({ code: 3 })
    const stubborn = await members.spawn({ args: ['stubborn'] })
    await stubborn.waitForLine('up')
    expect(await stubborn.stop(200)).toMatchObject({ signal: 'SIGKILL' })
  })

  it('leaves nothing behind when it is disposed', async () => {
    const pids = [(await members.spawn()).pid, (await members.spawn()).pid]
    await members[Symbol.asyncDispose]()
    expect(pids.map(exists)).toEqual([false, false])
    expect(members.members.map(member => member.running)).toEqual([false, false])
  })

  it('leaves nothing behind when the test process exits in the middle', async () => {
    const parent = await members.spawn({ script: join(import.meta.dirname, 'fixtures/parent.ts'), args: [script] })
    const line = await parent.waitForLine(/^child \d+$/)
    const child = Number(line.text.slice('child '.length))
    await parent.exited
    await eventually(() => !exists(child))
  })

  it('rejects for what cannot be started', async () => {
    await expect(spawnMember({ command: '/nowhere/node', script })).rejects.toThrow(/ENOENT/)
    await expect(new MemberGroup().spawn()).rejects.toThrow(/needs a script/)
  })
})
