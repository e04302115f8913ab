import { DromedaryError } from '../errors.ts'

type D = `${bigint}d`
type H = `${bigint}h`
type M = `${bigint}m`
type S = `${bigint}s`
type Ms = `${bigint}ms`
type UpToSeconds = S | Ms | `${S}${Ms}`
type UpToMinutes = M | UpToSeconds | `${M}${UpToSeconds}`
type UpToHours = H | UpToMinutes | `${H}${UpToMinutes}`

/** Digits for milliseconds, or units in the order d h m s ms: `1m30s`. */
export type DurationText = `${bigint}` | D | UpToHours | `${D}${UpToHours}`
/** Milliseconds, or a text such as `1m30s`. */
export type Duration = number | DurationText

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
const COMBINED = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/

/**
 * A duration in milliseconds, from whole milliseconds or a text: digits, or units in the order d h m s ms (`1m30s`).
 * Negative only as plain digits. Throws `DROMEDARY_INVALID_DURATION`.
 */
export function parseDuration(value: string | number): number {
  const ms = typeof value === 'number' ? value : textToMs(value.trim())
  if (ms !== undefined && Number.isSafeInteger(ms)) return ms
  throw new DromedaryError(
    'DROMEDARY_INVALID_DURATION',
    `${typeof value === 'number' ? value : `"${value}"`} is no duration: write whole milliseconds, or units in the order d h m s ms, such as 1m30s`,
  )
}

function textToMs(text: string): number | undefined {
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  const found = text === '' ? null : COMBINED.exec(text)
  if (found === null) return undefined
  return Object.values(UNITS).reduce((sum, unit, at) => sum + Number(found[at + 1] ?? 0) * unit, 0)
}

/** The shortest text that {@link parseDuration} reads back: `1m30s`; 0 and negative ones as digits. */
export function formatDuration(ms: number): string {
  if (!Number.isSafeInteger(ms) || ms <= 0) return String(ms)
  let rest = ms
  let text = ''
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}
