import { base64 } from './base64.ts'
import type { DataFormat } from './data-format.ts'
import { gzip } from './gzip.ts'
import { json } from './json.ts'

/** Data formats of core, by name: what makes one from its options. */
export const dataFormats: Readonly<Record<string, (options?: object) => DataFormat>> = { json, base64, gzip }
