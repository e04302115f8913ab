import { command, type Target } from './kubectl.ts'

/** What to do next, each with its command. */
export function advice(name: string, target: Target): string {
  const pods = `-l app.kubernetes.io/name=${name}`
  const steps: readonly (readonly [string, string])[] = [
    ['the pods', command(target, `get pods ${pods}`)],
    ['who leads', command(target, 'get lease dromedary-camel-master')],
    ['what they say', command(target, `logs ${pods} --prefix --follow`)],
    [
      'health and metrics',
      `${command(target, `port-forward deployment/${name} 9876`)}, then http://127.0.0.1:9876/observe/health`,
    ],
    ['take the leader away', command(target, 'delete pod <the one that holds the lease>')],
    ['back to the version before', command(target, `rollout undo deployment/${name}`)],
  ]
  const width = Math.max(...steps.map(([what]) => what.length))
  return steps.map(([what, how]) => `  ${what.padEnd(width)}  ${how}\n`).join('')
}
