/** Up to here a text is looked at faster one character at a time than by a call into V8. */
export const FEW = 32

/** How many bytes a text takes as UTF-8, or bytes take. */
export function lengthOf(value: Buffer | string | null | undefined): number {
  if (typeof value !== 'string') return value?.length ?? 0
  if (value.length > FEW) return Buffer.byteLength(value)
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) > 127) return Buffer.byteLength(value)
  return value.length
}
