import { kafka } from '@dromedary/kafka'
import { runApplication } from '@dromedary/main'
import { master } from '@dromedary/master'
import { tcp } from '@dromedary/tcp'
import { ws } from '@dromedary/websocket'
import { routesFrom } from './routes.ts'

await runApplication({
  name: 'feed-to-kafka',
  module: import.meta.url,
  components: [tcp, ws, kafka, master],
  clusters: {
    file: async () => (await import('@dromedary/cluster-file')).fileCluster,
    kubernetes: async () => (await import('@dromedary/cluster-kubernetes')).kubernetesCluster,
  },
  observability: async () => (await import('@dromedary/observability')).observability,
  routes: properties => routesFrom(properties.oneOf('feed.source', ['tcp', 'websocket'])),
})
