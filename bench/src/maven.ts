import { existsSync, globSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from '../../scripts/run.ts'

/** Why Camel cannot be measured here; its message is for people. */
export class CamelMissing extends Error {}

/**
 * Builds a project of Maven's with its libraries beside it, unless that was done since it last changed, and gives back the
 * class path. Rejects with {@link CamelMissing} where Java, Maven or Maven's repository is not to be had.
 */
export async function classPathOf(project: string, jarName: string): Promise<string> {
  const jar = join(project, 'target', jarName)
  const libraries = join(project, 'target/lib')
  if ((await run('java', ['-version'])).code !== 0) throw new CamelMissing('there is no java on the PATH')
  if (!isFresh(project, jar, libraries)) {
    const maven = await run('mvn', ['-q', '-B', 'package'], { cwd: project })
    if (maven.code === 127) throw new CamelMissing('there is no mvn on the PATH')
    if (maven.code !== 0) throw new CamelMissing(`Maven could not build ${project}:\n${maven.output.trim()}`)
  }
  return [jar, join(libraries, '*')].join(delimiter)
}

/** Whether the jar is newer than all that it is made from. */
function isFresh(project: string, jar: string, libraries: string): boolean {
  if (!existsSync(jar) || !existsSync(libraries)) return false
  const built = statSync(jar).mtimeMs
  const sources = ['pom.xml', ...globSync('src/**/*.java', { cwd: project })]
  return sources.every(source => statSync(join(project, source)).mtimeMs < built)
}

/** What `start` gives, or undefined, said loudly, where Camel cannot be measured. */
export async function camelIfThere<T>(start: () => Promise<T>, say: (text: string) => void): Promise<T | undefined> {
  try {
    return await start()
  } catch (error) {
    // A build server that leaves the comparison out would stay green for the wrong reason.
    if (!(error instanceof CamelMissing) || process.env['CI'] === 'true') throw error
    say(`!!! CAMEL IS NOT MEASURED: ${error.message}`)
    say('!!! The figures below have no ratio to it. It takes Java 17, Maven and access to its repository.')
    return undefined
  }
}
