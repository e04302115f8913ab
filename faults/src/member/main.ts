import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import { type FaultEvent, monotonic } from '../log/events.ts'
import { openWriter } from '../log/writer.ts'
import { runBare } from './bare.ts'
import { churn } from './churn.ts'
import { SteppedClock } from './clock.ts'
import type { Command, MemberSpec, Running, ServiceFactory, WorkFactory } from './contract.ts'
import { SelfStop } from './self-stop.ts'
import { type Watched, watched } from './watched.ts'

const spec = JSON.parse(process.argv[2] ?? '') as MemberSpec
const { member, namespace, participants = [{ name: 'main' }], drainMs = 5_000 } = spec
const writer = openWriter(spec)
const write = (event: FaultEvent) => writer.write(event)
const note = (text: string) => write({ kind: 'note', at: monotonic(), member, text })
const clock = new SteppedClock()
const selfStop = new SelfStop((place, number, signal) => {
  write({ kind: 'pausing', at: monotonic(), member, place, number })
  if (signal === 'SIGKILL') write({ kind: 'kill', at: monotonic(), member })
})
const { createService } = (await import(spec.service)) as { createService: ServiceFactory }
let stopping = false

/** A cluster service under watch, whose events carry `name`. */
async function createMember(name: string): Promise<Watched> {
  const service = await createService(spec.settings, {
    id: spec.nodeId ?? name,
    root: spec.root,
    clock,
    onLease: ({ namespace, term, end }) =>
      write({ kind: 'lease', at: monotonic(), member: name, namespace, term: String(term), end }),
    place: name => selfStop.pass(name),
    note,
  })
  return watched(service, name, write)
}

async function run(): Promise<Running> {
  if (spec.mode === 'churn') return { campaign: () => {}, stop: () => Promise.resolve() }
  const watch = await createMember(member)
  if (spec.mode === 'work') {
    const { createWork } = (await import(spec.work ?? '')) as { createWork: WorkFactory }
    return createWork({ spec, watch, clock, place: name => selfStop.pass(name), write, note })
  }
  if (spec.mode === 'bare') return runBare(watch, namespace, participants, drainMs)
  const { runRoutes } = await import('./route.ts')
  return runRoutes(watch, namespace, participants, { drainMs, clock })
}

function block(ms: number): void {
  const end = monotonic() + ms
  while (monotonic() < end);
}

function obey(command: Command): void {
  switch (command.do) {
    case 'campaign':
      void running.campaign()
      break
    case 'wall':
      clock.step(command.stepMs)
      break
    case 'arm':
      selfStop.arm(command.number, command.signal, command.at)
      note('armed')
      break
    case 'fail':
      selfStop.failAt(command.at)
      break
    case 'memory':
      note(`memory ${process.memoryUsage.rss()}`)
      break
    case 'churn':
      void churn(createMember, namespace, command.takeovers).then(() => note('churned'))
      break
    case 'block':
      block(command.ms)
      if (command.then === 'release') void running.stop().then(() => note('released'))
      if (command.then === 'exit') {
        write({ kind: 'kill', at: monotonic(), member })
        process.exit(1)
      }
  }
}

async function terminate(): Promise<void> {
  if (stopping) return
  stopping = true
  await running.stop()
  // From here on the process must end by itself: a handle that is left is a fault.
  commands.close()
  process.stdin.destroy()
}

const running = await run()
// Not `once`: proper-lockfile's exit hook sends the signal again when it finds nobody else listening.
process.on('SIGTERM', () => void terminate())
const commands = createInterface({ input: process.stdin })
commands.on('line', line => obey(JSON.parse(line) as Command))
commands.once('close', () => {
  // The harness is gone: nobody else would ever end this process.
  if (!stopping) process.exit(2)
})
if (!spec.waits) await running.campaign()
write({ kind: 'start', at: monotonic(), member, pid: process.pid })
// Members are killed, and a killed process leaves nothing in the cache.
flushCompileCache()
