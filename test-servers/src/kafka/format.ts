import { randomBytes } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runToEnd } from '../run-to-end.ts'
import { java, type Runtime } from './runtime.ts'

/** The file of a data folder that says whose it is. */
const META = 'meta.properties'

/** A cluster's name as Kafka wants it: 16 bytes. It may not begin with a dash, which would be an option. */
const clusterId = () => `A${randomBytes(16).toString('base64url').slice(1)}`

/** Makes the data folder that a file of settings names. Some accounts can be made only here. */
export async function formatData(
  runtime: Runtime,
  folder: string,
  settings: string,
  accounts: readonly string[] = [],
): Promise<void> {
  const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', settings, ...accounts]
  const [file, ...args] = runtime.command(java(runtime, '256m', ...tool), { folder, ports: [] })
  const { code, stdout, stderr } = await runToEnd(file, args)
  if (code !== 0) throw new Error(`Kafka's StorageTool ended with ${code}: ${(stdout + stderr).trim()}`)
}

/** Makes the data folder of another cluster from one that was formatted and never started. */
export function copyFormatted(formatted: string, data: string): void {
  cpSync(formatted, data, { recursive: true })
  const file = join(data, META)
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^cluster\.id=.*$/m, `cluster.id=${clusterId()}`))
}
