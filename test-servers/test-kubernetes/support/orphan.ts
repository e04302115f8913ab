import { startKubernetes } from '../../src/kubernetes/server.ts'

/** Starts a server, says its folder and its pid, and waits to be killed. */
const server = await startKubernetes()
process.stdout.write(`${server.folder} ${server.pids[0]}\n`)
