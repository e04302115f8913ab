/** Bytes of a message, without what ends it. */
export const MESSAGE_BYTES = 200

/** Time of message 0; each further one is a millisecond later. */
const BEGIN = Date.UTC(2026, 0, 1)
const SYMBOLS = 50
const PAD = 'x'.repeat(MESSAGE_BYTES)

export interface MessageOptions {
  /** Another seed, other messages. */
  readonly seed: number
  /** So many messages apart one is no valid message; 0: none. */
  readonly malformedEvery: number
}

/** Message n: a text of {@link MESSAGE_BYTES} characters of ASCII, fewer where it is malformed. */
export type Message = (n: number) => string

/** The messages of a feed. Each depends on the seed and on its number alone, so that any can be given again. */
export function messageOf({ seed, malformedEvery }: MessageOptions): Message {
  const symbols = Array.from({ length: SYMBOLS }, (_, i) => symbol(mix(seed, -1 - i), i))
  let second = -1
  let upToSecond = ''
  const time = (n: number) => {
    const at = Math.floor(n / 1_000)
    if (at !== second) {
      second = at
      upToSecond = new Date(BEGIN + at * 1_000).toISOString().slice(0, -4)
    }
    return `${upToSecond}${String(n % 1_000).padStart(3, '0')}Z`
  }
  const valid = (n: number) => {
    const random = mix(seed, n)
    const cents = 1_000 + (random % 99_000)
    const price = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
    const size = 100 * (1 + ((random >>> 7) % 50))
    const side = (random >>> 4) % 2 === 0 ? 'B' : 'S'
    const start = `{"seq":${n},"symbol":"${symbols[(random >>> 8) % SYMBOLS]}","price":"${price}","size":${size},"side":"${side}","time":"${time(n)}","pad":"`
    return `${start}${PAD.slice(0, MESSAGE_BYTES - 2 - start.length)}"}`
  }
  if (malformedEvery === 0) return valid
  return n => (n % malformedEvery === 0 ? malformed(valid(n), n / malformedEvery) : valid(n))
}

/** In turns: JSON that breaks off, and JSON that is no trade. Both still say which message they were to be. */
function malformed(message: string, turn: number): string {
  return turn % 2 === 1 ? message.slice(0, message.indexOf('"price"')) : message.replace(/"side":"."/, '"side":"?"')
}

/** Four letters; the last two count, so that no two are the same. */
function symbol(random: number, i: number): string {
  const letter = (value: number) => String.fromCharCode(65 + (value % 26))
  return letter(random) + letter(random >>> 8) + letter(i) + letter(Math.floor(i / 26))
}

/** 32 bits that look random (the finaliser of MurmurHash3). */
function mix(seed: number, n: number): number {
  let bits = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ n
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
