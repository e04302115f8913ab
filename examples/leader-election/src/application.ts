import { runApplication } from '@dromedary/main'
import { master } from '@dromedary/master'
import { timer } from '@dromedary/timer'

await runApplication({
  name: 'leader-election',
  module: import.meta.url,
  components: [timer, master],
  clusters: {
    file: async () => (await import('@dromedary/cluster-file')).fileCluster,
    kubernetes: async () => (await import('@dromedary/cluster-kubernetes')).kubernetesCluster,
  },
  observability: async () => (await import('@dromedary/observability')).observability,
  routes: async properties =>
    properties.oneOf('example.routes', ['string', 'typed']) === 'typed'
      ? (await import('./typed-routes.ts')).routes
      : (await import('./routes.ts')).routes,
})
