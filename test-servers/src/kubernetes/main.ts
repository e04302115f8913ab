import { once } from 'node:events'
import { join } from 'node:path'
import { startKubernetes } from './server.ts'

try {
  await using server = await startKubernetes({ flags: process.argv.slice(2) })
  const file = server.kubeconfigFile(join(server.folder, 'kubeconfig'))
  process.stdout.write(`${server.url} is ready; Ctrl-C ends it and removes its data\nexport KUBECONFIG=${file}\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
