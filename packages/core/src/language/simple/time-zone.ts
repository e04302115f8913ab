/** The parts of a moment as a calendar of one time zone shows them. */
export interface CalendarFields {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** Minutes ahead of UTC. */
  readonly offset: number
}

/** Brings a zone into the form that Intl knows: `GMT+8` and `UTC+08:00` become `+08:00`. Throws for an unknown zone. */
export function zoneName(written: string): string {
  const offset = /^(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(written.trim())
  const zone = offset === null ? written.trim() : `${offset[1]}${offset[2]?.padStart(2, '0')}:${offset[3] ?? '00'}`
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone })
  } catch {
    throw new Error(`unknown time zone ${JSON.stringify(written)}; write one such as Europe/Berlin, UTC or GMT+8`)
  }
  return zone
}

/** Reads calendar fields in this zone, or in that of the machine. */
export function calendarOf(zone: string | undefined): (millis: number) => CalendarFields {
  return zone === undefined ? localFields : zone === 'UTC' || zone === 'GMT' ? utcFields : zonedFields(zone)
}

function localFields(millis: number): CalendarFields {
  const date = new Date(millis)
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
    millisecond: date.getMilliseconds(),
    weekday: date.getDay(),
    offset: -date.getTimezoneOffset(),
  }
}

/** The calendar of UTC, shifted by this many minutes. */
function shiftedFields(millis: number, offset: number): CalendarFields {
  const date = new Date(millis + offset * 60_000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
    weekday: date.getUTCDay(),
    offset,
  }
}

const utcFields = (millis: number): CalendarFields => shiftedFields(millis, 0)

/** Intl says what the clock on the wall shows; from that the offset follows, and from the offset all the rest. */
function zonedFields(zone: string): (millis: number) => CalendarFields {
  const wall = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return millis => {
    const parts = new Map(wall.formatToParts(millis).map(({ type, value }) => [type, value]))
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type))
    const year = parts.get('era') === 'B' || parts.get('era') === 'BC' ? 1 - part('year') : part('year')
    const shown = new Date(0)
    shown.setUTCFullYear(year, part('month') - 1, part('day'))
    shown.setUTCHours(part('hour'), part('minute'), part('second'))
    const offset = Math.round((shown.getTime() - Math.floor(millis / 1000) * 1000) / 60_000)
    return shiftedFields(millis, offset)
  }
}
