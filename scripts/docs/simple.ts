import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SimpleFunction } from '../../packages/core/src/language/simple/function.ts'
import { FUNCTIONS } from '../../packages/core/src/language/simple/functions/table.ts'
import { OPERATORS } from '../../packages/core/src/language/simple/operators.ts'
import { ROOT } from '../run.ts'
import { GENERATED, table } from './markdown.ts'

const FOLDER = 'packages/core/src/language/simple/functions'
const FAMILY = /^\/\*\* (.*) \*\/\nexport const (\w+_FUNCTIONS)\b/m

/** The functions of Simple by their families, and its operators. */
export async function simplePage(): Promise<string> {
  const listed = new Set<string>()
  const rows: string[][] = []
  for (const file of globSync('*.ts', { cwd: join(ROOT, FOLDER) }).sort()) {
    const [, sentence, name] = FAMILY.exec(readFileSync(join(ROOT, FOLDER, file), 'utf8')) ?? []
    if (sentence === undefined || name === undefined) continue
    const exported = await import(pathToFileURL(join(ROOT, FOLDER, file)).href)
    const family: Readonly<Record<string, SimpleFunction>> = exported[name]
    const own = Object.keys(family).filter(one => !listed.has(one) && FUNCTIONS.has(one))
    for (const one of own) listed.add(one)
    const usages = own.filter(one => family[one]?.refusal === undefined).map(one => usageOf(one, family[one]))
    if (usages.length > 0) rows.push([sentence, usages.map(usage => `\`${usage}\``).join(', ')])
  }
  const forgotten = [...FUNCTIONS.keys()].filter(name => !listed.has(name))
  if (forgotten.length > 0) throw new Error(`no family of Simple has ${forgotten.join(', ')}`)
  return `${GENERATED}
# Simple

A text with functions in \`\${…}\`, as in Camel. A text that is one function alone gives that function's value as it is, any other a
string. Behind functions that give a value a path may follow: \`\${body.lines[0]?.price}\`. What is not understood fails at start
(\`DROMEDARY_INVALID_EXPRESSION\`), with the near name. Data is never evaluated: only the text in the route is.

## Functions

${table(['', 'Functions'], rows)}
${refused()} belong to languages of their own, for which there is no package yet: they are refused by name.

## Operators

| | |
| --- | --- |
| compare, with blanks on both sides | ${Object.keys(OPERATORS)
    .map(one => `\`${one}\``)
    .join(', ')} |
| the opposite | \`!=\`, \`!=~\`, \`!contains\`, \`!regex\`, \`!in\`, \`!is\`, \`!range\`, …; \`!\` directly before a function |
| join | \`&&\`, \`\\|\\|\`; \`&&\` binds tighter |
| choose | \`condition ? a : b\` in braces; \`a ?: b\`, b where a is missing or empty |
| chain | \`\${a} ~> \${b}\`: b sees what a gave, also as \`$param\`; \`?~>\` ends where nothing was given |
| count | \`++\`, \`--\` behind a function |
`
}

/** A second name of a function is written like the first. */
const usageOf = (name: string, found: SimpleFunction | undefined) =>
  found?.usage.startsWith(name) ? found.usage : name

const refused = () =>
  [...FUNCTIONS]
    .filter(([, { refusal }]) => refusal !== undefined)
    .map(([name]) => `\`${name}\``)
    .join(', ')
