import { defineComponent, type Exchange } from '../../src/component.ts'

export interface SinkOptions {
  readonly external?: boolean
  send?(exchange: Exchange, name: string): void | Promise<void>
}

/** A component `sink:` that keeps the bodies it was sent. */
export function sinks({ external = false, send = () => {} }: SinkOptions = {}) {
  const bodies: unknown[] = []
  const events: string[] = []
  const component = defineComponent({
    scheme: 'sink',
    title: 'Keeps what it is sent.',
    syntax: 'name',
    path: { name: 'Name.' },
    consumes: false,
    produces: true,
    endpoint: ({ path, uri }) => ({
      uri,
      producer: () => ({
        external,
        start: () => void events.push(`start ${path.name}`),
        close: () => void events.push(`close ${path.name}`),
        send: exchange => {
          bodies.push(exchange.body)
          return send(exchange, path.name)
        },
      }),
    }),
  })
  return { component, bodies, events }
}
