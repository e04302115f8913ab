import { describe, expect, it } from 'vitest'
import { clusterTerm, createContext, fenced, silentSink } from '../src/index.ts'

const exchange = () => createContext({ routes: [], log: silentSink }).createExchange('body')

describe('the term of an exchange, for a sink that checks it', () => {
  it('is what the leader put into it', () => {
    const one = exchange().setProperty('DromedaryClusterTerm', 7n)
    expect(clusterTerm(one)).toBe(7n)
  })

  it('is refused where no leader brought the exchange in', () => {
    expect(() => clusterTerm(exchange())).toThrow(expect.objectContaining({ code: 'DROMEDARY_CLUSTER_MISSING' }))
  })

  it('a sink that refused it has the member resign, and names itself', () => {
    const resigned: string[] = []
    const one = exchange().setProperty('DromedaryClusterTerm', 7n)
    const leadership = { resign: (why: string) => void resigned.push(why) } as never
    one.guard = { accepts: () => true, isValid: () => true, leadership }
    const error = fenced(one, 'the table prices')
    expect(error).toMatchObject({
      code: 'DROMEDARY_FENCED',
      message: expect.stringContaining('the table prices refused term 7'),
    })
    expect(resigned).toEqual([error.message])
  })
})
