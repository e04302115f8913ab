/** What a user would write: routes that the compiler checks, a delegate that only a leader runs, a lock in a folder. */
export const MAIN = `import { createFileClusterService } from '@dromedary/cluster-file'
import { createContext, direct, routes } from '@dromedary/core'
import { master } from '@dromedary/master'
import { timer } from '@dromedary/timer'

const { from } = routes({ timer, master, direct })
// @ts-expect-error: the types reach the text of the URI
from('timer:hello?perid=1s')

const greeted = Promise.withResolvers<unknown>()
const context = createContext({
  components: [timer, master],
  cluster: createFileClusterService({ root: process.cwd() + '/cluster' }),
  routes: [
    from('master:jobs:timer:hello?delay=0&repeatCount=1').setBody('World').to('direct:greet'),
    from('direct:greet').transform('Hello \${body}').process(exchange => greeted.resolve(exchange.body)),
  ],
})
await context.start()
const greeting = await greeted.promise
await context.stop()
if (greeting !== 'Hello World') throw new Error(String(greeting))
`

/** A whole application: what it loads by name alone (a cluster service, health with a thread of its own) is found as well. */
export const APP = `import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { from } from '@dromedary/core'
import { runApplication } from '@dromedary/main'
import { master } from '@dromedary/master'
import { timer } from '@dromedary/timer'

const probe = createServer().listen(0, '127.0.0.1')
await once(probe, 'listening')
const { port } = probe.address() as AddressInfo
probe.close()
await once(probe, 'close')

async function leader(): Promise<void> {
  const answer = await fetch(\`http://127.0.0.1:\${port}/observe/leader\`)
  const told = await answer.text()
  if (!told.includes('"isLeader":true')) throw new Error(told)
  process.kill(process.pid, 'SIGTERM')
}

await runApplication({
  name: 'installed',
  module: import.meta.url,
  components: [timer, master],
  clusters: { file: async () => (await import('@dromedary/cluster-file')).fileCluster },
  observability: async () => (await import('@dromedary/observability')).observability,
  routes: [from('master:jobs:timer:hello?delay=0').routeId('hello').process(leader)],
  argv: ['observe.enabled=true', \`observe.port=\${port}\`, \`cluster.file.root=\${process.cwd()}/cluster\`].flatMap(
    setting => ['--set', setting],
  ),
})
`
