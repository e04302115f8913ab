import { from } from '@dromedary/core'
import { master } from '@dromedary/master'
import { timer } from '@dromedary/timer'

export const routes = [
  from(timer('heartbeat', { period: '10s' }))
    .routeId('heartbeat')
    .log('HeartBeating route (timer) {{node.id}} ...'),

  from(master('{{node.namespace}}', timer('clustered', { period: '5s' })))
    .routeId('clustered')
    .log('Clustered route (timer) {{node.id}} ...'),
]
