import { type Component, defineComponent, type RouteEntry } from '@dromedary/core/component'

/** A component whose consumer hands its entry out: the benchmark itself is the source of the messages. */
export function pump(): { readonly component: Component; readonly leading: Promise<RouteEntry> } {
  const { promise, resolve } = Promise.withResolvers<RouteEntry>()
  const component = defineComponent({
    scheme: 'pump',
    title: 'Lets a benchmark push exchanges into a route.',
    syntax: 'name',
    path: { name: 'Any name.' },
    consumes: true,
    produces: false,
    endpoint: ({ uri }) => ({
      uri,
      consumer: entry => ({ start: () => resolve(entry), quiesce() {}, close() {} }),
    }),
  })
  return { component, leading: promise }
}
