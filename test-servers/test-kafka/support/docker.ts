import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { IMAGE } from '../../src/kafka/docker.ts'
import { jarFolder } from '../../src/kafka/jars.ts'

/**
 * Understands what we say to Docker, but its containers are processes of this machine, with the jars that Maven has fetched
 * in the place of the image's. So it shows that a broker does as told, and nothing about Docker.
 */
const [what = '', ...args] = process.argv.slice(2)
const state = process.env['DOCKER_STATE'] ?? ''
const SIGNALS: Record<string, NodeJS.Signals> = {
  kill: 'SIGKILL',
  stop: 'SIGTERM',
  pause: 'SIGSTOP',
  unpause: 'SIGCONT',
}

appendFileSync(join(state, 'calls'), `${what}\n`)
const signal = SIGNALS[what]
if (signal) process.kill(Number(readFileSync(join(state, args.at(-1) ?? ''), 'utf8')), signal)
if (what === 'run') {
  const at = args.indexOf(IMAGE)
  const option = (name: string) =>
    args
      .slice(0, at)
      .find(one => one.startsWith(name))
      ?.slice(name.length) ?? ''
  const own = args.slice(at + 1).map(one => one.replace('/opt/kafka/libs', jarFolder('broker')))
  const container = spawn(option('--entrypoint='), own, { stdio: 'inherit' })
  writeFileSync(join(state, option('--name=') || 'nameless'), String(container.pid))
  container.once('exit', code => process.exit(code ?? 137))
}
