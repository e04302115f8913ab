import { setTimeout as wait } from 'node:timers/promises'
import type { KubernetesServer } from '@dromedary/test-servers/kubernetes'
import { MemberGroup } from '@dromedary/testing/harness'
import { cpuSeconds } from '../processor-time.ts'
import { number, table, times } from '../table.ts'
import { buildClientGo, type Contender, dromedary } from './contenders.ts'
import { type Counted, countRequests, type Window } from './counting.ts'
import { type Size, sizeText } from './rules.ts'
import { openSite } from './site.ts'

export interface MeasuredLoad extends Counted {
  /** Processor time of the server for each minute, seconds: what pushed events cost is in it. */
  readonly serverCpu: number
  readonly size: Size
  readonly contender: Contender['name']
}

export interface Measured {
  /** As {@link MeasuredLoad.serverCpu}, while nobody asks anything. */
  readonly idleCpu: number
  readonly loads: readonly MeasuredLoad[]
}

interface Span {
  readonly warmUpMs: number
  readonly windowMs: number
}

const SIZES: readonly Size[] = [
  { members: 2, namespaces: 1 },
  { members: 10, namespaces: 1 },
  { members: 100, namespaces: 1 },
  { members: 2, namespaces: 50 },
  { members: 10, namespaces: 50 },
]
const SPAN: Span = { warmUpMs: 25_000, windowMs: 60_000 }
const QUICK: Span = { warmUpMs: 8_000, windowMs: 20_000 }

/** The audit log may be behind the answers, milliseconds. */
const AUDIT_DELAY = 500

/** What real members ask of a real API server, by its audit log; Dromedary and client-go by turns, each alone. */
export async function measure(
  server: KubernetesServer,
  quick: boolean,
  report: (line: string) => void,
): Promise<Measured> {
  report('building bench/client-go')
  using clientGo = await buildClientGo()
  const span = quick ? QUICK : SPAN
  report('measuring the idle server')
  const { serverCpu: idleCpu } = await duringWindow(server, span.windowMs)
  const loads: MeasuredLoad[] = []
  for (const size of quick ? SIZES.slice(0, 1) : SIZES) {
    for (const contender of [dromedary, clientGo]) {
      report(`measuring ${sizeText(size)}, ${contender.name}`)
      loads.push(await measureOne(server, contender, size, span))
    }
  }
  return { idleCpu, loads }
}

/** Lets it pass. */
async function duringWindow(server: KubernetesServer, windowMs: number): Promise<Window & { serverCpu: number }> {
  const from = new Date()
  const before = cpuSeconds(server.pids)
  await wait(windowMs)
  const serverCpu = ((cpuSeconds(server.pids) - before) / windowMs) * 60_000
  return { from, to: new Date(), serverCpu }
}

async function measureOne(
  server: KubernetesServer,
  contender: Contender,
  size: Size,
  { warmUpMs, windowMs }: Span,
): Promise<MeasuredLoad> {
  using site = await openSite(server, size.members)
  await using group = new MemberGroup()
  const mark = server.auditMark()
  // Longer than it needs: only in case that nobody is left to end it.
  await contender.start(group, site, size, (warmUpMs + windowMs) / 1000 + 60)
  await wait(warmUpMs)
  const { serverCpu, ...window } = await duringWindow(server, windowMs)
  await wait(AUDIT_DELAY)
  const ended = group.members.find(member => !member.running)
  if (ended) throw new Error(`${ended.name} ended: ${ended.lines.all.slice(-5).map(line => line.text)}`)
  const ofMembers = server
    .audit(mark, { namespace: site.namespace })
    .filter(({ user }) => user.startsWith('system:serviceaccount:'))
  await Promise.all(group.members.map(member => member.stop()))
  return { ...countRequests(ofMembers, window, size), serverCpu, size, contender: contender.name }
}

export function measuredLines({ idleCpu, loads }: Measured): string[] {
  const rows = loads.map(load => [
    sizeText(load.size),
    load.contender,
    ...[load.leader['update'], load.leader['get'], load.follower['get']].map(rate => number(rate ?? 0)),
    ...[load.watchesOpened, load.other, load.total].map(number),
    String(load.watchesHeld),
    number(load.serverCpu),
    times(load.total / (ours(loads, load)?.total ?? Number.NaN)),
  ])
  const head = ['members × namespaces', '', 'leader PUT', 'leader GET', 'follower GET']
  const all = ['watches opened', 'other', 'all members', 'watches held', 'server CPU s', 'ratio']
  return [
    "API requests a minute, measured by the audit log of a kube-apiserver (a watch counts when it is opened; client-go's own limit of requests is off):",
    ...table([[...head, ...all], ...rows]).map(line => `   ${line}`),
    `   server CPU: processor time of the server in a minute; idle it takes ${number(idleCpu)} s; ratio: of all members' requests, to Dromedary's`,
    ...loads.filter(load => load.unsteady > 0).map(unsteadyLine),
  ]
}

const ours = (loads: readonly MeasuredLoad[], { size }: MeasuredLoad) =>
  loads.find(load => load.contender === 'dromedary' && load.size === size)

const unsteadyLine = ({ size, contender, unsteady }: MeasuredLoad): string =>
  `!!! ${contender}, ${sizeText(size)}: ${unsteady} of ${size.namespaces} Leases had not one leader all the time; this is no steady state`
