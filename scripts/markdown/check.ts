import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ERROR_CODES } from '../../packages/core/src/errors.ts'
import { ROOT } from '../run.ts'
import { wrongCommands } from './commands.ts'
import { doesNotCompile } from './compile.ts'
import { wrongData } from './data.ts'
import { type CodeBlock, codeBlocks, type Page, problemAt } from './files.ts'
import { brokenLinks } from './links.ts'
import { isProgram, openWorkshop } from './programs.ts'
import { doesNotRun } from './run-blocks.ts'

/**
 * Everything that is wrong with these pages, each with its place: links, commands, blocks of code. What is a program is
 * compiled and run; the conventions are in CONTRIBUTING.
 */
export async function wrongIn(pages: readonly Page[]): Promise<string[]> {
  const blocks = pages.flatMap(codeBlocks)
  const readOnly = [
    ...pages.flatMap(brokenLinks),
    ...pages.flatMap(page => wrongCommands(page, blocks)),
    ...pages.flatMap(unknownCodes),
    ...blocks.flatMap(unfounded),
    ...(await Promise.all(blocks.map(wrongData))).flat(),
  ]
  using workshop = openWorkshop(blocks)
  const compiled = await doesNotCompile(workshop)
  return [...readOnly, ...compiled, ...(compiled.length > 0 ? [] : await doesNotRun(workshop))]
}

/** Variables of the environment that look like codes. */
const VARIABLES = ['DROMEDARY_CACHE', 'DROMEDARY_KAFKA']

/** Codes of errors that nothing throws. */
function unknownCodes({ file, text }: Page): string[] {
  return text.split('\n').flatMap((line, at) =>
    [...line.matchAll(/\bDROMEDARY_[A-Z]+(?:_[A-Z]+)*\b/g)]
      .map(([code]) => code)
      .filter(code => !Object.hasOwn(ERROR_CODES, code) && !VARIABLES.includes(code))
      .map(code => problemAt({ file, line: at + 1 }, `no error has the code ${code}`)),
  )
}

/** Languages that nobody runs here. Everything else is looked at by somebody. */
const SHOWN = ['java', 'sql', 'dockerfile', '', 'output']
const LOOKED_AT = ['ts', 'sh', 'json', 'yaml']

/** A block that says neither what it is nor why it cannot run; a quotation that is none. */
function unfounded(block: CodeBlock): string[] {
  const { language, note, code } = block
  if (language === '' && /^(?:\$|npx|pnpm|node) /m.test(code))
    return [problemAt(block, 'commands stand in a block of sh')]
  if (SHOWN.includes(language)) return []
  if (!LOOKED_AT.includes(language))
    return [problemAt(block, `nobody looks at blocks of ${language}; known are ${LOOKED_AT.join(', ')}`)]
  if (language === 'yaml' && note !== '' && note !== 'manifest') {
    return [problemAt(block, 'a block of yaml is a configuration, or a `yaml manifest`')]
  }
  if (language !== 'ts' || isProgram(block) || /^fragment: \S/.test(note)) return []
  const from = /^from (\S+)$/.exec(note)?.[1]
  if (from === undefined) {
    return [
      problemAt(
        block,
        `\`ts ${note}\`: write \`ts\`, \`ts file\`, \`ts not run: why\`, \`ts from file\` or \`ts fragment: why\``,
      ),
    ]
  }
  const source = join(ROOT, dirname(block.file), from)
  if (!existsSync(source)) return [problemAt(block, `${from} does not exist`)]
  const isThere = withoutIndent(readFileSync(source, 'utf8')).includes(withoutIndent(block.code))
  return isThere ? [] : [problemAt(block, `${from} does not say that`)]
}

const withoutIndent = (text: string) => text.replaceAll(/^ +/gm, '')
