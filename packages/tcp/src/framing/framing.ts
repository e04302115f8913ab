import type { Message } from '@dromedary/core/component'
import type { TcpSettings } from '../options/schema.ts'
import { CheckedDecoder } from './checked-decoder.ts'
import type { Codec, Decoder } from './decoder.ts'
import { type Delimiter, delimiter } from './delimiter.ts'
import { type LineEncoding, lineEncoding } from './encodings.ts'
import { FixedDecoder } from './fixed-decoder.ts'
import { invalidFrame } from './invalid-frame.ts'
import { LengthDecoder } from './length-decoder.ts'
import { lengthField } from './length-field.ts'
import { LineDecoder } from './line-decoder.ts'
import { RawDecoder } from './raw-decoder.ts'

/** Both directions of an endpoint's framing. */
export interface Framing {
  /** A fresh one for each connection. */
  decoder(): Decoder
  /** The frame of a message; a text is to be written in {@link encoding}. Throws `DROMEDARY_INVALID_FRAME`, `DROMEDARY_NO_CONVERTER`. */
  encode(message: Message): Uint8Array | string
  readonly encoding: LineEncoding
}

/** What the options ask for. */
export function framing(settings: TcpSettings): Framing {
  const { codec, lengthFieldLength, byteOrder, fixedLength, maxFrameLength } = settings
  if (settings.textline) return lines(settings)
  if (codec !== undefined) {
    return {
      encoding: 'utf8',
      decoder: () => new CheckedDecoder(codec, maxFrameLength),
      encode: message => codec.encode(message.body),
    }
  }
  if (lengthFieldLength !== undefined) {
    const field = lengthField(lengthFieldLength, byteOrder)
    return {
      encoding: 'utf8',
      decoder: () => new LengthDecoder(field, maxFrameLength),
      encode: message => {
        const body = message.getMandatoryBody('buffer')
        if (body.length > maxFrameLength) {
          throw invalidFrame(`a body of ${body.length} bytes is longer than maxFrameLength=${maxFrameLength}`)
        }
        return Buffer.concat([field.write(body.length), body])
      },
    }
  }
  if (fixedLength !== undefined) {
    return {
      encoding: 'utf8',
      decoder: () => new FixedDecoder(fixedLength),
      encode: message => {
        const body = message.getMandatoryBody('buffer')
        if (body.length === fixedLength) return body
        throw invalidFrame(`a body of ${body.length} bytes cannot be sent where fixedLength=${fixedLength}`)
      },
    }
  }
  return { encoding: 'utf8', decoder: () => new RawDecoder(), encode: message => message.getMandatoryBody('buffer') }
}

function lines(settings: TcpSettings): Framing {
  // The schema has checked it.
  const encoding = lineEncoding(settings.encoding) as LineEncoding
  const end = delimiter(settings.delimiter, encoding)
  const rules = { delimiter: end, encoding, longest: settings.decoderMaxLineLength }
  return {
    encoding,
    decoder: () => new LineDecoder(rules),
    encode: message => line(message, end, settings.autoAppendDelimiter),
  }
}

function line(message: Message, end: Delimiter, append: boolean): Uint8Array | string {
  const { body } = message
  if (body instanceof Uint8Array) {
    const bytes = message.getMandatoryBody('buffer')
    const isEnded = bytes.subarray(Math.max(0, bytes.length - end.bytes.length)).equals(end.bytes)
    return append && !isEnded ? Buffer.concat([bytes, end.bytes]) : bytes
  }
  const text = typeof body === 'string' ? body : message.getMandatoryBody('string')
  return append && !text.endsWith(end.text) ? text + end.text : text
}

/** Whether the value can be a codec: its decoders are checked as they are used. */
export function isCodec(value: unknown): value is Codec {
  const like = value as Partial<Codec> | null | undefined
  return typeof like?.decoder === 'function' && typeof like.encode === 'function'
}
