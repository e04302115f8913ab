import type { Endpoint, EndpointInit } from '../src/component/contract.ts'
import { parseUri } from '../src/uri/parse.ts'

/** What a context would hand to a component; only what looking at options needs. */
export function endpointInit(uri: string, beans: Record<string, unknown> = {}): EndpointInit {
  return {
    uri: parseUri(uri),
    context: { lookup: (name: string) => beans[name] },
    resolve: (delegate: string): Endpoint => ({ uri: delegate }),
  } as unknown as EndpointInit
}
