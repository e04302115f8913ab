import { setTimeout as wait } from 'node:timers/promises'
import { number, table } from '../table.ts'
import type { PartResult, Site } from './parts.ts'
import { freePort } from './ports.ts'
import { nodeProgram } from './program.ts'

const FULL = 10_000
const QUICK = 200
/** One of so many connections is to show at the end that it is alive. */
const SPEAKERS = 100
/** How long the server may take to have accepted, or read, what the client has sent, milliseconds. */
const WITHIN = 20_000

interface Idle {
  readonly kind: 'dromedary' | 'net'
  /** By the server, beside what it had open before. */
  readonly accepted: number
  /** Resident, of which the start of the process may have left some unused. */
  readonly kbEach: number
  /** In use by JavaScript. */
  readonly heapKbEach: number
  /** Lines that came over a part of them, and those that were sent. */
  readonly lines: number
  readonly spoken: number
  readonly peakMb: number
}

/** Connections on which nothing happens, to a route and to Node's own server. */
export async function connections({ quick, note }: Site): Promise<PartResult> {
  const count = quick ? QUICK : FULL
  const rows: Idle[] = []
  for (const kind of ['dromedary', 'net'] as const) {
    note(`connections: ${kind}`)
    rows.push(await idle(kind, count))
  }
  const cells = rows.map(one => [
    one.kind === 'net' ? 'node:net alone' : one.kind,
    number(one.accepted),
    `${number(one.kbEach)} KB`,
    `${number(one.heapKbEach)} KB`,
    `${one.lines} of ${one.spoken}`,
    `${number(one.peakMb)} MB`,
  ])
  const [ours] = rows
  return {
    title: `connections: ${count} idle ones; memory of the server for each`,
    results: [],
    lines: table([['', 'accepted', 'resident each', 'heap each', 'alive', 'peak'], ...cells]),
    targets: ours ? [{ what: 'dromedary accepted', value: ours.accepted, atLeast: count }] : [],
  }
}

async function idle(kind: Idle['kind'], count: number): Promise<Idle> {
  const port = await freePort()
  await using server = await nodeProgram(kind, 'idle-server', kind, port, count)
  await using client = await nodeProgram(`${kind}'s clients`, 'idle-client', port)
  const state = async () => {
    const [sockets = 0, bytes = 0, heap = 0, lines = 0] = (await server.ask('state', 'state')).split(' ').map(Number)
    return { sockets, bytes, heap, lines }
  }
  /** The state in which that is so, or the last one. */
  const settled = async (enough: (now: Awaited<ReturnType<typeof state>>) => boolean) => {
    const end = performance.now() + WITHIN
    let now = await state()
    while (!enough(now) && performance.now() < end) {
      await wait(100)
      now = await state()
    }
    return now
  }
  const before = await state()
  await client.ask(`open ${count}`, 'open')
  const after = await settled(({ sockets }) => sockets - before.sockets >= count)
  const [spoken = 0] = (await client.ask(`speak ${SPEAKERS}`, 'spoke')).split(' ').map(Number)
  const { lines } = await settled(now => now.lines >= spoken)
  if (lines !== spoken) throw new Error(`of ${spoken} lines over ${count} connections to ${kind} came ${lines}`)
  const accepted = after.sockets - before.sockets
  const kbEach = (after.bytes - before.bytes) / accepted / 1024
  const heapKbEach = (after.heap - before.heap) / accepted / 1024
  return { kind, accepted, kbEach, heapKbEach, lines, spoken, peakMb: server.peakMb }
}
