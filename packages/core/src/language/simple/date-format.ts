import { type CalendarFields, calendarOf } from './time-zone.ts'

/** Writes a moment, in milliseconds since 1970, as text. */
export type DateFormat = (millis: number) => string
type Field = (fields: CalendarFields, millis: number) => string

const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const RUN = /'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+|'/g

const number =
  (width: number, read: (fields: CalendarFields) => number): Field =>
  fields =>
    String(read(fields)).padStart(width, '0')

const shortOrFull = (width: number, name: string | undefined): string =>
  width > 3 ? (name ?? '') : (name ?? '').slice(0, 3)

function offsetText(offset: number, colon: string, hoursOnly = false): string {
  const minutes = Math.abs(offset)
  const hours = `${offset < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}`
  return hoursOnly ? hours : `${hours}${colon}${String(minutes % 60).padStart(2, '0')}`
}

/** The letters of Java's SimpleDateFormat. Texts are English whatever the machine's language is. */
function compileLetter(letter: string, width: number, zone: string | undefined): Field | undefined {
  switch (letter) {
    case 'y':
      return width === 2 ? ({ year }) => String(Math.abs(year) % 100).padStart(2, '0') : number(width, eraYear)
    case 'M':
    case 'L':
      return width < 3 ? number(width, ({ month }) => month) : ({ month }) => shortOrFull(width, MONTHS[month - 1])
    case 'd':
      return number(width, ({ day }) => day)
    case 'D':
      return number(width, dayOfYear)
    case 'E':
      return ({ weekday }) => shortOrFull(width, DAYS[weekday])
    case 'u':
      return number(width, ({ weekday }) => weekday || 7)
    case 'a':
      return ({ hour }) => (hour < 12 ? 'AM' : 'PM')
    case 'H':
      return number(width, ({ hour }) => hour)
    case 'k':
      return number(width, ({ hour }) => hour || 24)
    case 'K':
      return number(width, ({ hour }) => hour % 12)
    case 'h':
      return number(width, ({ hour }) => hour % 12 || 12)
    case 'm':
      return number(width, ({ minute }) => minute)
    case 's':
      return number(width, ({ second }) => second)
    case 'S':
      return number(width, ({ millisecond }) => millisecond)
    case 'G':
      return ({ year }) => (year > 0 ? 'AD' : 'BC')
    case 'Z':
      return ({ offset }) => offsetText(offset, '')
    case 'X':
      return ({ offset }) => (offset === 0 ? 'Z' : offsetText(offset, width > 2 ? ':' : '', width === 1))
    case 'z':
      return compileZoneName(width, zone)
    default:
      return undefined
  }
}

const eraYear = ({ year }: CalendarFields): number => (year > 0 ? year : 1 - year)

function dayOfYear({ year, month, day }: CalendarFields): number {
  return Math.round((Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000) + 1
}

function compileZoneName(width: number, zone: string | undefined): Field {
  const name = new Intl.DateTimeFormat('en-US', {
    timeZoneName: width > 3 ? 'long' : 'short',
    ...(zone !== undefined && { timeZone: zone }),
  })
  return (_, millis) => name.formatToParts(millis).find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

/**
 * Compiles a pattern of Java's SimpleDateFormat for a zone, or for that of the machine. Text stands in quotes, two of
 * them are one. Throws an Error for a letter that is not known, and for an open quote.
 */
export function compileDateFormat(pattern: string, zone: string | undefined): DateFormat {
  const fieldsOf = calendarOf(zone)
  const fields = [...pattern.matchAll(RUN)].map(([run, letter]): Field => {
    if (run === "'") throw new Error(`a quote in the date pattern ${JSON.stringify(pattern)} is not closed`)
    if (letter === undefined) {
      const text = run.startsWith("'") ? unquote(run) : run
      return () => text
    }
    const field = compileLetter(letter, run.length, zone)
    if (field !== undefined) return field
    const hint = letter === 'Y' ? '; the year is y' : ''
    throw new Error(
      `the letter ${letter} of the date pattern ${JSON.stringify(pattern)} is not known${hint}; text stands in quotes`,
    )
  })
  return millis => {
    const calendar = fieldsOf(millis)
    let text = ''
    for (const field of fields) text += field(calendar, millis)
    return text
  }
}

const unquote = (quoted: string): string => (quoted === "''" ? "'" : quoted.slice(1, -1).replaceAll("''", "'"))
