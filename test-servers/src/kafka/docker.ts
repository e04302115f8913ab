import { type Report, toStderr } from '../report.ts'
import { runToEnd } from '../run-to-end.ts'
import { ContainedBroker } from './broker-process.ts'
import type { Needs, Runtime } from './runtime.ts'

/** The image of the version that `kafka/broker/pom.xml` names. */
export const IMAGE = 'apache/kafka:4.4.0'

/** What a failed pull is quoted with. */
const MOST_OUTPUT = 2_000

/** Containers of {@link IMAGE}. */
export const docker: Runtime = {
  classPath: '/opt/kafka/libs/*',
  flags: [],
  bind: '0.0.0.0',
  command: ([file, ...args], needs = {}) => ['docker', ...runFlags(needs), `--entrypoint=${file}`, IMAGE, ...args],
  broker: (process, name) => new ContainedBroker(process, name),
}

/** An init process, because the first process of a container ignores most signals. */
function runFlags({ name, folder, ports }: Needs): string[] {
  const flags = ['run', '--rm', '-i', '--init']
  if (name !== undefined) flags.push(`--name=${name}`)
  // Files that root would own could not be removed.
  if (process.getuid) flags.push(`--user=${process.getuid()}:${process.getgid?.()}`)
  if (folder !== undefined) flags.push(`--volume=${folder}:${folder}`)
  // Who listens nowhere connects to brokers on this machine.
  if (ports === undefined) return [...flags, '--network=host']
  return [...flags, ...ports.map(port => `--publish=127.0.0.1:${port}:${port}`)]
}

/** Pulls the image unless it is there. */
export async function pullImage(report: Report = toStderr): Promise<void> {
  if ((await runToEnd('docker', ['image', 'inspect', IMAGE])).code === 0) return
  report(`kafka: pulling ${IMAGE}`)
  const { code, stderr } = await runToEnd('docker', ['pull', '--quiet', IMAGE])
  if (code === 0) return
  const said = stderr.slice(-MOST_OUTPUT).trim()
  throw new Error(`docker cannot pull ${IMAGE}: ${said}\nDROMEDARY_KAFKA=java takes Java and Maven instead`)
}
