import { type Clock, didYouMean, type LogSink } from '@dromedary/core'
import type { Configuration } from '../configuration/configuration.ts'
import { configError } from '../configuration/entry.ts'
import { logSection } from '../configuration/sections.ts'
import { LEVEL_WORDS, type Levels, type LevelWord } from './levels.ts'
import type { LineOutput } from './output.ts'
import { createTextSink } from './text.ts'

const CATEGORY_PREFIX = 'log.level.'

/** The log that `log.format`, `log.level` and `log.level.<category>` ask for. */
export async function configureLog(configuration: Configuration, output: LineOutput, clock: Clock): Promise<LogSink> {
  const { level, format } = configuration.read(logSection)
  configuration.refuseUnknown(['log'], [CATEGORY_PREFIX])
  const levels: Levels = { root: level, categories: categoryLevels(configuration) }
  if (format === 'text') return createTextSink(output, levels, clock)
  const { createJsonSink } = await import('./json.ts')
  return createJsonSink(output, levels, clock)
}

function categoryLevels(configuration: Configuration): Map<string, LevelWord> {
  const levels = new Map<string, LevelWord>()
  for (const { rest: category, entry } of configuration.beneath(CATEGORY_PREFIX)) {
    const word = LEVEL_WORDS.find(level => level === entry.value)
    if (word === undefined) {
      const allowed = `must be one of ${LEVEL_WORDS.join(', ')}${didYouMean(entry.value, LEVEL_WORDS)}`
      throw configError(`${entry.key}=${JSON.stringify(entry.value)}: ${allowed}`, entry.where)
    }
    levels.set(category, word)
  }
  return levels
}
