import { describeOptions } from '../../packages/core/src/component/describe-options.ts'
import { keysOf, type Section } from '../../packages/main/src/configuration/section.ts'
import { OPTION_HEAD, optionRow, table } from './markdown.ts'

/** The keys of a section of the configuration. */
export function keyTable(section: Section): string {
  const keys = keysOf(section)
  const again = describeOptions(section.schema)
  const rows = describeOptions(section.schema).map(({ default: fallback, ...option }, at) =>
    // A default that is made anew each time is told by the sentence.
    optionRow(
      keys[at]?.key ?? option.name,
      fallback === again[at]?.default ? { ...option, ...given(fallback) } : option,
    ),
  )
  return table(['Key', ...OPTION_HEAD.slice(1)], rows)
}

const given = (fallback: string | undefined) => (fallback === undefined ? {} : { default: fallback })

/** The environment variable of its first key. */
export const variableOf = (section: Section): string => keysOf(section)[0]?.variable ?? ''
