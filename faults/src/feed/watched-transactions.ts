import { subscribe } from 'node:diagnostics_channel'
import type { Workplace } from '../member/contract.ts'

/** A record, as far as it is looked at. */
interface SentRecord {
  readonly topic: string
  readonly value: Buffer | null
  readonly headers?: readonly (readonly [name: Buffer | string, value: Buffer | null])[]
}

/** The transactional producer of the Kafka component, as far as it is called. */
interface Producing {
  begin(): Promise<void>
  send(records: readonly SentRecord[]): Promise<void>
  commit(): Promise<void>
  abort(): Promise<void>
  close(): Promise<void>
}

/** What is under way: ` of position` for the records of a transaction with which the position comes. */
interface Sending {
  what: string
}

interface Making {
  producer(transactionalId: string): Producing
}

export interface WatchOptions extends Pick<Workplace, 'spec' | 'watch' | 'place' | 'write'> {
  readonly namespace: string
  readonly participant: string
  /** The topic of positions. */
  readonly positions: string
  /** Of the events. */
  now(): number
}

/** A file of the Kafka component: it has no door for those who want to see each of its requests. */
const inside = (file: string): Promise<unknown> => import(new URL(file, import.meta.resolve('@dromedary/kafka')).href)

/**
 * From now on each transactional producer that this process makes passes places, before and after each request that it
 * sends, at which the process may stop; each request counts as an exchange of the leadership under which it is sent; and
 * what was committed is written down.
 */
export async function watchTransactions(options: WatchOptions): Promise<void> {
  const { PlatformaticTransactions } = (await inside('./client/platformatic/transactions.ts')) as {
    PlatformaticTransactions: { readonly prototype: Making }
  }
  const sending = { what: '' }
  passRequests(options.place, sending)
  const { prototype } = PlatformaticTransactions
  const make = prototype.producer
  prototype.producer = function (transactionalId) {
    return watched(make.call(this, transactionalId), options, sending)
  }
}

/** What the client below tells of a request just before it writes it to the socket. */
const REQUESTS = 'tracing:plt:kafka:connections:api:start'
/** Kinds of requests by Kafka's numbers. */
const KINDS = new Map([
  [0, 'produce'],
  [22, 'init'],
  [26, 'end'],
])

/** The last moments at which anything can hold a request back. */
function passRequests(place: (name: string) => void, sending: Sending): void {
  subscribe(REQUESTS, message => {
    const kind = KINDS.get((message as { readonly apiKey: number }).apiKey)
    if (kind !== undefined) place(`request ${kind}${sending.what}`)
  })
}

function watched(inner: Producing, options: WatchOptions, sending: Sending): Producing {
  const { place, watch, write, namespace, participant, positions, now } = options
  const { member } = options.spec
  let isInitialised = false
  /** What the transaction that is open will have been. */
  let term: string | undefined
  let position: unknown
  let number = 0
  let what = 'data'
  const asked = () => {
    if (term !== undefined) watch.find(participant, term)?.exchange()
  }
  const passing = async (name: string, call: () => Promise<void>) => {
    place(`before ${name}`)
    await call()
    place(`after ${name}`)
  }
  return {
    begin: async () => {
      if (isInitialised) return inner.begin()
      await inner.begin()
      isInitialised = true
      place('after init')
    },
    send: records => {
      const last = records.at(-1)
      term = termOf(last) ?? term
      const kept = last?.topic === positions ? keptIn(last) : undefined
      if (kept) {
        position = kept.position
        number = kept.batch
      }
      what = kept?.batch === 0 ? 'claim' : 'data'
      sending.what = kept ? ' of position' : ''
      asked()
      return passing(what, () => inner.send(records))
    },
    commit: async () => {
      asked()
      await passing(`commit of ${what}`, async () => {
        await inner.commit()
        if (term !== undefined) write({ kind: 'commit', at: now(), member, namespace, term, number, position })
      })
    },
    abort: () => inner.abort(),
    close: () => inner.close(),
  }
}

function termOf(record: SentRecord | undefined): string | undefined {
  const header = record?.headers?.find(([name]) => String(name) === 'DromedaryClusterTerm')
  return header?.[1]?.toString()
}

function keptIn({ value }: SentRecord): { readonly batch: number; readonly position: unknown } {
  const { batch, position } = JSON.parse(String(value))
  return { batch, position: position?.bigint ?? position?.value }
}
