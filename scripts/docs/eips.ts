import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describeOptions } from '../../packages/core/src/component/describe-options.ts'
import { jsonOptions } from '../../packages/core/src/data-format/json.ts'
import { deadLetterSchema } from '../../packages/core/src/definition/error-handler.ts'
import { aggregateOptions, lockRetry } from '../../packages/core/src/dsl/aggregate-options.ts'
import { throttleOptions, wireTapOptions } from '../../packages/core/src/dsl/flow-verbs.ts'
import { splitOptions } from '../../packages/core/src/dsl/split-options.ts'
import { ROOT } from '../run.ts'
import { interfaceIn, type Member, parametersOf, sourceOf } from './interfaces.ts'
import { GENERATED, OPTION_HEAD, optionRow, table } from './markdown.ts'

const DSL = 'packages/core/src/dsl'

/** The families of verbs in the order of the page: interfaces of `dsl/`. */
const FAMILIES = [
  'RouteVerbs',
  'MessageVerbs',
  'RoutingVerbs',
  'BlockVerbs',
  'Choice',
  'GatheringVerbs',
  'FlowVerbs',
  'DataVerbs',
  'ConsumerVerbs',
  'ResumeVerbs',
  'TryVerbs',
  'Catches',
  'ClauseVerbs',
]

type Schema = Parameters<typeof describeOptions>[0]

/** Options that are declared as schemas; the others are interfaces. */
const SCHEMAS: Readonly<Record<string, () => Schema>> = {
  splitOptions,
  aggregateOptions,
  wireTapOptions,
  throttleOptions,
}

/** Verbs with their options, from what the editor shows of them. */
export function eipsPage(): string {
  const sources = globSync('*.ts', { cwd: join(ROOT, DSL) }).sort()
  const source = sources.map(file => sourceOf(`${DSL}/${file}`)).join('\n')
  const families = FAMILIES.map(name => family(source, name))
  return `${GENERATED}
# Verbs

What may follow \`from(…)\`, with Camel's names. An expression is a text (Simple), a function, or one of \`simple\`, \`constant\`, \`header\`,
\`exchangeProperty\`, \`variable\`, \`body\`; in a condition the same. A value that is always the same is \`constant(1)\`: the verb itself throws
\`DROMEDARY_INVALID_OPTION\` for what is no expression. Options are the last argument, an object; what is wrong with them fails at start with
the same code.

${families.map(({ text }) => text).join('\n')}
## Options

${families
  .flatMap(({ members }) => members.map(member => optionsOf(source, member)))
  .filter(text => text !== '')
  .join('\n')}
### optimisticLockRetryPolicy

${table(OPTION_HEAD, schemaRows(lockRetry()))}
## Data formats

\`json(options?)\`; \`gzip({ maxLength })\`, of which the longest result that is read has 64 MiB unless told otherwise; \`base64()\`. An object with
\`marshal\` and \`unmarshal\` is a data format as well.

${table(OPTION_HEAD, schemaRows(jsonOptions()))}
## Error handlers

\`defaultErrorHandler(options?)\` and \`deadLetterChannel(uri, options?)\`, for a context or a route; \`noErrorHandler()\` has no options. The last
three are those of the dead letter channel alone; all others are also options of \`redeliveryPolicy\` in an \`onException\`.

${table(OPTION_HEAD, schemaRows(deadLetterSchema()))}`
}

function family(source: string, name: string): { readonly text: string; readonly members: readonly Member[] } {
  const found = interfaceIn(source, name)
  if (found === undefined) throw new Error(`there is no interface ${name} in ${DSL}`)
  // Overloads stand one behind the other, the one with most parameters last; the first has the comment.
  const verbs = Map.groupBy(
    found.members.filter(member => member.name !== 'end'),
    member => member.name,
  )
  const members = [...verbs.values()].map(overloads => ({
    ...(overloads.at(-1) as Member),
    doc: overloads[0]?.doc ?? '',
  }))
  const undocumented = members.find(({ doc }) => doc === '')
  if (undocumented !== undefined) throw new Error(`${name}.${undocumented.name} has no comment`)
  const rows = members.map(({ name: verb, type, doc }) => {
    const least = parametersOf(verbs.get(verb)?.[0]?.type ?? '').length
    const parameters = parametersOf(type).map((one, at) => (at < least || one.endsWith('?') ? one : `${one}?`))
    return [`\`${verb}(${parameters.join(', ')})\``, doc]
  })
  return {
    text: `## ${found.doc.replace(/\.$/, '')}\n\n${table(['Verb', 'What it does'], rows)}`,
    members,
  }
}

function optionsOf(source: string, { name, type }: Member): string {
  const optionsType = /\b([A-Z]\w+Options)\b/.exec(type)?.[1]
  const rows = optionsType === undefined || optionsType === 'ErrorHandlerOptions' ? [] : optionRows(source, optionsType)
  return rows.length === 0 ? '' : `### ${name}\n\n${table(OPTION_HEAD, rows)}`
}

function optionRows(source: string, type: string): string[][] {
  const [head = ''] = new RegExp(`(?:interface|type) ${type}\\b[^{]*`).exec(source) ?? []
  const [, parent] = /extends (\w+Options)/.exec(head) ?? []
  const [, schemaName] = /typeof (\w+)/.exec(head) ?? []
  const schema = schemaName === undefined ? undefined : SCHEMAS[schemaName]
  if (schemaName !== undefined && schema === undefined) throw new Error(`the schema ${schemaName} is not listed`)
  const own = (interfaceIn(source, type)?.members ?? []).map(member => [
    `\`${member.name}\``,
    PLAIN[member.type] ?? '',
    '',
    member.doc,
  ])
  return [
    ...own,
    ...(schema === undefined ? [] : schemaRows(schema())),
    ...(parent === undefined ? [] : optionRows(source, parent)),
  ]
}

const PLAIN: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  number: 'integer',
  string: 'string',
  Duration: 'duration',
}

const schemaRows = (schema: Schema) => describeOptions(schema).map(option => optionRow(option.name, option))
