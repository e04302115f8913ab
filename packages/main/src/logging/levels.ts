import { LOG_LEVELS, type LogLevel } from '@dromedary/core'

/** A level as it is configured: one of the log's own, or `off`. */
export const LEVEL_WORDS = [...LOG_LEVELS, 'off'] as const
export type LevelWord = (typeof LEVEL_WORDS)[number]

/** Decides which lines are written. */
export interface Levels {
  /** For every category without one of its own. */
  readonly root: LevelWord
  /** By category; `a` also decides for `a.b`. */
  readonly categories: ReadonlyMap<string, LevelWord>
}

/** The question that a log sink asks for each line; the answer for a category is worked out once. */
export function levelFilter(levels: Levels): (level: LogLevel, category: string) => boolean {
  const thresholds = new Map<string, number>()
  const threshold = (category: string): number => {
    for (let name = category; ; name = name.slice(0, name.lastIndexOf('.'))) {
      const word = levels.categories.get(name)
      if (word !== undefined) return LEVEL_WORDS.indexOf(word)
      if (!name.includes('.')) return LEVEL_WORDS.indexOf(levels.root)
    }
  }
  return (level, category) => {
    let least = thresholds.get(category)
    if (least === undefined) {
      least = threshold(category)
      thresholds.set(category, least)
    }
    return LEVEL_WORDS.indexOf(level) >= least
  }
}
