import type { MemberProcess } from '@dromedary/testing/harness'

/** Settings that turn it on, at any free port. */
export const OBSERVED = ['observe.enabled=true', 'observe.port=0'] as const

export interface Told {
  readonly status: number
  readonly body: string
}

/** Asks a member over HTTP, as a probe does. */
export async function probe(member: MemberProcess) {
  const { text } = await member.waitForLine('health, leader and metrics are told at')
  const address = /http:\S+/.exec(text)?.[0]
  const get = async (path: string): Promise<Told> => {
    const response = await fetch(`${address}/${path}`)
    return { status: response.status, body: await response.text() }
  }
  return {
    get,
    status: async (path: string): Promise<number> => (await get(path)).status,
    /** What it says of the namespace that it takes part in. */
    leader: async () => JSON.parse((await get('leader')).body).namespaces[0],
    /** Of a metric without regard to its labels; undefined when it is not there. */
    metric: async (name: string): Promise<number | undefined> => {
      const found = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec((await get('metrics')).body)
      return found?.[1] === undefined ? undefined : Number(found[1])
    },
  }
}
