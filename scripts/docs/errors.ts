import { ERROR_CODES } from '../../packages/core/src/errors.ts'
import { GENERATED, table } from './markdown.ts'

/** The catalogue of codes. */
export async function errorsPage(): Promise<string> {
  const rows = Object.entries(ERROR_CODES).map(([code, sentence]) => [`\`${code}\``, sentence])
  return `${GENERATED}
# Errors

Everything that Dromedary throws is a \`DromedaryError\`: match on its \`code\`, read its \`cause\`. The message is one line for
people and may change; the codes do not.

${table(['Code', 'What it says'], rows)}`
}
