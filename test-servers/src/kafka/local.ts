import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../cache.ts'
import { type Report, toStderr } from '../report.ts'
import { archiveFlags } from './archive.ts'
import { LocalBroker } from './broker-process.ts'
import { formatData } from './format.ts'
import { Instance } from './instance.ts'
import { fetchJars, jarHome } from './jars.ts'
import { chooseListeners } from './listeners.ts'
import { brokerProperties, propertiesText } from './properties.ts'
import type { Runtime } from './runtime.ts'

/** A JVM of this machine with a class path. */
export const localRuntime = (classPath: string, flags: readonly string[] = [], formatted?: string): Runtime => ({
  classPath,
  flags,
  bind: '127.0.0.1',
  ...(formatted === undefined ? {} : { formatted }),
  command: command => command,
  broker: process => new LocalBroker(process),
})

/** A JVM with the broker's jars; fetches them if need be. What every first start would do again is done once and kept. */
export async function localBrokers(env: Environment = process.env, report: Report = toStderr): Promise<Runtime> {
  const classPath = join(await fetchJars('broker', env, report), '*')
  const home = jarHome('broker', env)
  const formatted = join(home, 'formatted')
  const flags = await archiveFlags(home, report, async archive => {
    await makeFormatted(classPath, formatted)
    const instance = new Instance(localRuntime(classPath, archive, formatted), {})
    try {
      await instance.start()
      await instance.stop()
    } finally {
      await instance.dispose()
    }
  })
  return localRuntime(classPath, flags, formatted)
}

async function makeFormatted(classPath: string, formatted: string): Promise<void> {
  const folder = mkdtempSync(`${formatted}-`)
  try {
    const data = join(folder, 'data')
    const settings = join(folder, 'server.properties')
    const listeners = await chooseListeners({ proxied: 0, tls: false, sasl: false })
    writeFileSync(settings, propertiesText(brokerProperties(listeners, '127.0.0.1', data)))
    await formatData(localRuntime(classPath), folder, settings)
    rmSync(formatted, { recursive: true, force: true })
    renameSync(data, formatted)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
