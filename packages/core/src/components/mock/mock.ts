import type { Endpoint } from '../../component/contract.ts'
import { defineComponent } from '../../component/define-component.ts'
import { DromedaryError, messageOf } from '../../errors.ts'
import { MockEndpoint } from './mock-endpoint.ts'
import { mockOptions } from './options.ts'

export type { MockSettings } from './assertion.ts'
export { MockEndpoint }

/** `mock:name`: stands for another endpoint in tests. See {@link MockEndpoint}. */
export const mock = defineComponent({
  scheme: 'mock',
  title: 'Stands for another endpoint in tests: records what it is sent and checks it.',
  syntax: 'name',
  path: { name: 'Name of the endpoint; may be the URI that it stands for.' },
  options: mockOptions,
  consumes: false,
  produces: true,
  lenient: true,
  // A dynamic endpoint is forgotten after its send; what it recorded must not be.
  endpoint: ({ uri, options, init }) => init.once(init.uri.normal, () => new MockEndpoint(uri, options, init.context)),
})

/** What has endpoints: a context. */
export interface EndpointSource {
  endpoint(uri: string): Endpoint
}

/** The mock endpoint of a URI, which a test sets up and asks. Throws `DROMEDARY_UNSUPPORTED` for an endpoint that is none. */
export function mockEndpoint(context: EndpointSource, uri: string): MockEndpoint {
  const endpoint = context.endpoint(uri)
  if (endpoint instanceof MockEndpoint) return endpoint
  throw new DromedaryError('DROMEDARY_UNSUPPORTED', `${endpoint.uri} is no mock endpoint: write mock:name`)
}

/**
 * Waits until each of these mock endpoints is satisfied. Rejects with `DROMEDARY_EXPECTATION_FAILED`, naming all that
 * are not, when the last has decided. Camel: `MockEndpoint.assertIsSatisfied(context)`.
 */
export async function assertMocksSatisfied(
  context: EndpointSource,
  ...uris: readonly [string, ...string[]]
): Promise<void> {
  const results = await Promise.allSettled(uris.map(uri => mockEndpoint(context, uri).assertIsSatisfied()))
  const failures = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (failures.length === 0) return
  if (failures.length === 1) throw failures[0]
  const all = failures.map((failure, at) => `(${at + 1}) ${messageOf(failure)}`).join(' ')
  throw new DromedaryError('DROMEDARY_EXPECTATION_FAILED', `${failures.length} of ${uris.length} mocks: ${all}`)
}
