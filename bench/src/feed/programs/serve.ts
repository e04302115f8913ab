import { createInterface } from 'node:readline'

/** Takes the words of a line, gives the line to answer with. */
export type Answer = (words: readonly string[]) => Promise<string> | string

/** A line for whoever started this process. */
export const tell = (line: string): void => void process.stdout.write(`${line}\n`)

/** Makes the run worthless. */
export const tellError = (error: unknown): void => tell(`error ${String(error).replaceAll('\n', ' ')}`)

/** Says that it is ready, answers line by line until standard input ends, and closes. */
export async function serve(about: string, answer: Answer, close: () => Promise<unknown>): Promise<void> {
  tell(`ready ${about}`)
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      tell(await answer(line.split(' ')))
    } catch (error) {
      tellError(error)
    }
  }
  await close()
}

/** Runs the program of this process; a failure is told, not thrown. */
export async function program(start: (args: readonly string[]) => Promise<void>): Promise<void> {
  try {
    await start(process.argv.slice(2))
  } catch (error) {
    tellError(error)
    process.exitCode = 1
  }
}
