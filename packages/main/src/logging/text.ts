import { type Clock, type LogSink, textLines } from '@dromedary/core'
import { type Levels, levelFilter } from './levels.ts'
import type { LineOutput } from './output.ts'

/** One line per record, written at once. */
export function createTextSink(output: LineOutput, levels: Levels, clock: Clock): LogSink {
  const line = textLines()
  return {
    isEnabled: levelFilter(levels),
    write: record => output.write(`${line(record, clock.now())}\n`),
  }
}
