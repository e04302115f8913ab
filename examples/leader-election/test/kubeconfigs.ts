/** A kubeconfig without credentials, for a server at this address; without TLS it is used only with this flag. */
export const kubeconfigFor = (server: string, namespace?: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace } }],
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: {} }],
  })

/** Nothing listens there. */
export const UNREACHABLE = kubeconfigFor('http://127.0.0.1:1')

/** Whoever uses it is known by a program that is not there. */
export const NO_PLUGIN = JSON.stringify({
  ...JSON.parse(kubeconfigFor('https://127.0.0.1:1')),
  users: [
    {
      name: 'test',
      user: {
        exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-plugin', interactiveMode: 'Never' },
      },
    },
  ],
})
