import { readFileSync } from 'node:fs'

/** One instruction of a Dockerfile. */
export interface Instruction {
  /** `RUN`, `COPY` … */
  readonly name: string
  readonly text: string
}

/** From one FROM to the next. */
export interface Stage {
  readonly base: string
  /** Of `AS`. */
  readonly name: string | undefined
  readonly instructions: readonly Instruction[]
}

/** Reads a Dockerfile without variables and here-documents. */
export function readDockerfile(file: string): Stage[] {
  const lines = readFileSync(file, 'utf8')
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = []
  for (const line of lines) {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? []
    if (name === 'FROM') {
      const [base = '', , as] = text.split(/\s+/)
      stages.push({ base, name: as, instructions: [] })
    } else if (name !== '') stages.at(-1)?.instructions.push({ name, text })
  }
  return stages
}

/** What one instruction of a stage says; undefined where there is none. More than one is an error. */
export function theOnly(stage: Stage, name: string): string | undefined {
  const [first, second] = stage.instructions.filter(one => one.name === name)
  if (second !== undefined) throw new Error(`${name} is there twice`)
  return first?.text
}
