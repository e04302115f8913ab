import { DromedaryError } from '../errors.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { NAMES } from '../exchange/names.ts'

/**
 * The term under which an exchange entered its `master:` route: the fencing token for a sink that checks it. Terms grow
 * from leader to leader. Throws `DROMEDARY_CLUSTER_MISSING` for an exchange that no leader brought in.
 */
export function clusterTerm(exchange: Exchange): bigint {
  const term = exchange.getProperty(NAMES.clusterTerm)
  if (typeof term === 'bigint') return term
  throw new DromedaryError(
    'DROMEDARY_CLUSTER_MISSING',
    `an exchange of route ${exchange.fromRouteId || '(none)'} has no term: only those of a master: route have one`,
  )
}

/**
 * A sink has refused the term of this exchange, because a later one has written there: gives the error to throw,
 * `DROMEDARY_FENCED`, and has this member resign, if it still believes that it leads. `where` names the sink.
 */
export function fenced(exchange: Exchange, where: string): DromedaryError {
  const why = `${where} refused term ${clusterTerm(exchange)} of route ${exchange.fromRouteId}: a later term has written there`
  exchange.guard?.leadership?.resign(why)
  return new DromedaryError('DROMEDARY_FENCED', why)
}
