import { fileURLToPath } from 'node:url'
import { MemberGroup, type MemberProcess } from '@dromedary/testing/harness'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let members: MemberGroup
beforeEach(() => {
  members = new MemberGroup({ script: fileURLToPath(new URL('fixtures/app.ts', import.meta.url)) })
})
afterEach(() => members[Symbol.asyncDispose]())

function spawn(mode: string, ...settings: string[]): Promise<MemberProcess> {
  const args = [`mode=${mode}`, 'cluster.service=none', ...settings].flatMap(setting => ['--set', setting])
  return members.spawn({ args })
}

async function started(mode: string, ...settings: string[]): Promise<MemberProcess> {
  const member = await spawn(mode, ...settings)
  await member.waitForLine('Started fixture')
  return member
}

const errors = (member: MemberProcess) => member.lines.matching(/ ERROR |^\s+at /)

describe('an application without anything to hold the process', () => {
  it('runs until it is asked to stop, and says in its start-up line what one needs to do so', async () => {
    const member = await started('idle', 'node.id=n1')
    const [line] = member.lines.matching('Started')
    expect(line).toMatch(
      new RegExp(
        `^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3} INFO  \\[main\\] \\(Dromedary \\(fixture\\)\\) Started fixture in \\d+ ms: pid ${member.pid}, node n1, cluster none, no configuration file$`,
      ),
    )
    expect(await member.stop()).toMatchObject({ code: 0, signal: null })
    expect(member.lines.matching('after runApplication')).toHaveLength(1)
  })

  it.each([
    ['SIGTERM', 0],
    ['SIGHUP', 0],
    ['SIGINT', 130],
  ] as const)('on %s it ends with %d, without an error', async (signal, code) => {
    const member = await started('idle')
    member.signal(signal)
    expect(await member.exited).toMatchObject({ code, signal: null })
    expect(member.lines.matching(/Stopped in \d+ ms/)).toHaveLength(1)
    expect(errors(member)).toEqual([])
  })
})

describe('work under way', () => {
  it('is drained, and a second Ctrl-C (SIGINT and SIGTERM) changes nothing', async () => {
    const member = await started('slow')
    member.signal('SIGINT')
    await member.waitForLine('SIGINT: stopping')
    member.signal('SIGINT')
    await member.waitForLine('SIGINT: already stopping, for at most 45s')
    member.signal('SIGTERM')
    await member.waitForLine('SIGTERM: already stopping')
    expect(await member.exited).toMatchObject({ code: 130, signal: null })
    expect(member.lines.matching('worked')).toHaveLength(1)
  })

  it('that does not end is given up after shutdown.timeout', async () => {
    const member = await started('stuck', 'shutdown.timeout=200ms')
    const asked = performance.now()
    member.signal('SIGTERM')
    expect(await member.exited).toMatchObject({ signal: null })
    expect(performance.now() - asked).toBeGreaterThan(190)
    expect(member.lines.matching(/route work is ended by force; 1 still running/)).toHaveLength(1)
  })
})

describe('a component that never closes', () => {
  it('is left behind soon after the shutdown time-out: one line says so, and the exit code is 1', async () => {
    const member = await started('hanging', 'shutdown.timeout=100ms')
    member.signal('SIGTERM')
    expect(await member.exited).toMatchObject({ code: 1 })
    expect(errors(member)).toEqual([
      expect.stringMatching(/Could not stop cleanly: DROMEDARY_SHUTDOWN_TIMEOUT: .* left behind .* its routes/),
    ])
  })
})

describe('a signal while it starts', () => {
  it('ends it as well, and what the start says to that is no error', async () => {
    const member = await spawn('waiting')
    await member.waitForLine('waiting')
    member.signal('SIGTERM')
    expect(await member.exited).toMatchObject({ code: 0, signal: null })
    expect(errors(member)).toEqual([])
    expect(member.lines.matching('Started')).toEqual([])
  })
})

describe('a signal that is held while the application is loaded', () => {
  const loading = async (...args: string[]) => {
    const script = fileURLToPath(new URL('fixtures/loading.ts', import.meta.url))
    const member = await members.spawn({ script, args })
    await member.waitForLine('loading')
    return member
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('%s ends it with %d when that never comes to an end', async (signal, code) => {
    const member = await loading()
    member.signal(signal)
    expect(await member.exited).toMatchObject({ code, signal: null })
    expect(member.lines.all.map(({ text }) => text)).toEqual([
      'loading',
      `${signal} 5 s ago, and no application has answered: the process ends, still being loaded`,
    ])
  })

  it('ends it at once when there is another one', async () => {
    const member = await loading()
    // Of two that wait the kernel hands over the one that it likes.
    member.signal('SIGHUP')
    member.signal('SIGTERM')
    expect(await member.exited).toMatchObject({ code: 0, signal: null })
    expect(
      member.lines.matching(/^SIG(HUP|TERM), then SIG(HUP|TERM): the process ends, still being loaded$/),
    ).toHaveLength(1)
  })

  it('does not hide that it cannot be loaded', async () => {
    const member = await loading('failing')
    member.signal('SIGTERM')
    expect(await member.exited).toMatchObject({ code: 1, signal: null })
    expect(member.lines.matching('Error: cannot be loaded')).toHaveLength(1)
  })
})

describe('what nobody caught', () => {
  it.each([
    ['throwing', 'thrown by nobody in particular'],
    ['rejecting', 'rejected by nobody in particular'],
  ])('%s: is logged with its stack, the routes are stopped, and the exit code is 1', async (mode, text) => {
    const member = await spawn(mode)
    expect(await member.exited).toMatchObject({ code: 1 })
    expect(member.lines.matching(/ERROR \[main\] .* Uncaught error: stopping$/)).toHaveLength(1)
    expect(member.lines.matching(`\tTypeError: ${text}`)).toHaveLength(1)
    expect(member.lines.matching(/^\t {4}at /).length).toBeGreaterThan(0)
    expect(member.lines.matching('Stopped in')).toHaveLength(1)
  })
})

describe('a handle that somebody left open', () => {
  it('does not keep a stopped process, and is named', async () => {
    const member = await started('leftover')
    member.signal('SIGINT')
    expect(await member.exited).toMatchObject({ code: 130 })
    expect(member.lines.matching(/WARN .*Something still held the process: .*Timeout/)).toHaveLength(1)
  })
})

describe('what cannot start', () => {
  it.each([
    [
      'misspelt',
      [],
      /ERROR \[main\] \(Dromedary \(fixture\)\) DROMEDARY_UNKNOWN_SCHEME: .*tiemr:\/\/x\?password=xxxxxx/,
    ],
    ['misspelled', [], /DROMEDARY_CONFIG: mode="misspelled": must be one of .*; did you mean misspelt\?$/],
    [
      'idle',
      ['cluster.servce=x'],
      /DROMEDARY_CONFIG: Unknown key cluster\.servce; did you mean cluster\.service\? \(--set\)$/,
    ],
  ])("%s %j is one line for a user's mistake, and exit code 1", async (mode, settings, line) => {
    const member = await spawn(mode, ...settings)
    expect(await member.exited).toMatchObject({ code: 1 })
    expect(errors(member)).toEqual([expect.stringMatching(line)])
    expect(member.lines.all.filter(({ text }) => text.includes('swordfish'))).toEqual([])
  })

  it('brings the stack of anything unexpected', async () => {
    const member = await spawn('broken')
    expect(await member.exited).toMatchObject({ code: 1 })
    expect(member.lines.matching('\tTypeError: broken routes')).toHaveLength(1)
  })

  it('is one JSON line where the log is JSON', async () => {
    const member = await spawn('misspelt', 'log.format=json')
    expect(await member.exited).toMatchObject({ code: 1 })
    const lines = member.lines
      .matching(/^\{/)
      .map(text => JSON.parse(text))
      .filter(({ level }) => level === 50)
    expect(lines).toMatchObject([{ code: 'DROMEDARY_UNKNOWN_SCHEME', category: 'main', context: 'fixture' }])
  })
})

describe('work on a term that has ended', () => {
  it('ends the process at once (cluster.overrun=exit, the default)', async () => {
    const member = await spawn('leading', 'cluster.service=overdue')
    expect(await member.exited).toMatchObject({ code: 1 })
    expect(errors(member)).toEqual([
      expect.stringMatching(/Route work still works on term 7 of ns, which has ended: the process exits/),
    ])
  })

  it('leaves the process alone with cluster.overrun=resign', async () => {
    const member = await started('leading', 'cluster.service=overdue', 'cluster.overrun=resign')
    await expect(member.waitForLine('still works', { within: 1_500 })).rejects.toThrow('not within')
    expect(await member.stop()).toMatchObject({ code: 0 })
  })
})

describe('the log', () => {
  it('obeys log.level and log.level.<category>', async () => {
    const loud = await started('slow', 'log.level.work=off')
    loud.signal('SIGTERM')
    await loud.exited
    expect(loud.lines.matching('worked')).toEqual([])
    const quiet = await spawn('slow', 'log.level=error', 'log.level.work=info')
    await quiet.waitForLine('worked')
    expect(await quiet.stop()).toMatchObject({ code: 0 })
    expect(quiet.lines.all.map(({ text }) => text)).toEqual([expect.stringMatching(/worked$/), 'after runApplication'])
  })
})
