import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../run.ts'
import { workspacePackages } from '../workspace.ts'
import { type CodeBlock, fileNameIn, projectPages } from './files.ts'

/** A block of TypeScript as a file. */
export interface Program {
  readonly block: CodeBlock
  /** Absolute. */
  readonly file: string
  /** What a program that runs must print; in the block of `output` that follows it. */
  readonly output: string | undefined
  /** Why it is not run. */
  readonly notRun: string | undefined
}

/** The blocks of all pages as files in a folder of their own, which finds packages as an installed project does. */
export interface Workshop extends Disposable {
  readonly folder: string
  readonly programs: readonly Program[]
}

export const NOT_RUN = /^not run: (\S.*)$/

/** Blocks that are a file of their own; the others are pieces of something (`from …`, `fragment: …`). */
export const isProgram = (block: CodeBlock): boolean =>
  block.language === 'ts' && (block.note === '' || block.note === fileNameIn(block) || NOT_RUN.test(block.note))

/** Writes the blocks down. `root` is in the repository, because tools look for their settings upwards. */
export function openWorkshop(blocks: readonly CodeBlock[]): Workshop {
  const cache = join(ROOT, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'markdown-'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(SETTINGS))
  linkPackages(join(folder, 'node_modules'))
  const projects = projectPages(blocks)
  const programs = blocks.flatMap((block, at) => {
    const own = fileNameIn(block)
    if (own !== undefined && projects.has(block.file)) return []
    if (!isProgram(block)) {
      if (own !== undefined && block.language === 'yaml') write(join(folder, pageFolder(block), own), block.code)
      return []
    }
    const file =
      own === undefined ? join(pageFolder(block), String(block.line), 'block.ts') : join(pageFolder(block), own)
    // The code keeps its line numbers, so that the compiler's places are those of the Markdown file.
    write(join(folder, file), '\n'.repeat(block.line - 1) + block.code)
    const next = blocks[at + 1]
    const output = next?.file === block.file && next.language === 'output' ? next.code : undefined
    return [{ block, file: join(folder, file), output, notRun: NOT_RUN.exec(block.note)?.[1] }]
  })
  return { folder, programs, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

const pageFolder = ({ file }: CodeBlock) => file.replaceAll(/[^\w-]+/g, '-')

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Each package of the workspace, and whatever any of them depends on, under its name. */
function linkPackages(modules: string): void {
  for (const { folder, manifest } of workspacePackages()) {
    link(join(modules, manifest.name), join(ROOT, folder))
    for (const name of globSync(['*', '@*/*'], { cwd: join(ROOT, folder, 'node_modules') })) {
      if (!/^(?:@[^/]+|\..*)$/.test(name)) link(join(modules, name), join(ROOT, folder, 'node_modules', name))
    }
  }
  link(join(modules, '@types/node'), join(ROOT, 'node_modules/@types/node'))
}

function link(at: string, target: string): void {
  if (existsSync(at)) return
  mkdirSync(dirname(at), { recursive: true })
  symlinkSync(target, at, 'junction')
}

const SETTINGS = {
  extends: join(ROOT, 'tsconfig.tests.json'),
  compilerOptions: { moduleDetection: 'force', types: ['node'], typeRoots: ['node_modules/@types'] },
  include: ['*/**/*.ts'],
}
