import { flag, integer, oneOf, text } from '@dromedary/core/component'
import { lineEncoding } from '../framing/encodings.ts'
import { isCodec } from '../framing/framing.ts'
import { valueOrBean } from './value-or-bean.ts'

const FIELD_LENGTHS = [1, 2, 4, 8] as const
type FieldLength = (typeof FIELD_LENGTHS)[number]

/** How messages are cut out of the stream of bytes. */
export const framingOptions = () => ({
  textline: flag()
    .default(false)
    .describe('Lines of text: each message is a line, without its delimiter. The body is a string.'),
  delimiter: text()
    .refine(value => value !== '', 'must not be empty')
    .default('LINE')
    .describe(
      'What ends a line: LINE (a line feed, with or without a carriage return before it), NULL (a zero byte), or any other text itself. LINE is written as a line feed.',
    ),
  autoAppendDelimiter: flag()
    .default(true)
    .describe('Write the delimiter behind each line that is sent, unless the line already ends in it.'),
  decoderMaxLineLength: integer({ min: 1, max: 2 ** 29 })
    .default(65_536)
    .describe(
      'Bytes of the longest line that is taken, without its delimiter. A longer one closes the connection. Camel: 1024.',
    ),
  encoding: text()
    .refine(
      value => lineEncoding(value) !== undefined,
      'must be UTF-8, ISO-8859-1 or US-ASCII: in others the delimiter cannot be found byte by byte',
    )
    .default('UTF-8')
    .describe('Character set of lines: UTF-8, ISO-8859-1 or US-ASCII. Bytes that are none become U+FFFD.'),
  lengthFieldLength: integer()
    .refine((value): value is FieldLength => FIELD_LENGTHS.includes(value as FieldLength), 'must be 1, 2, 4 or 8')
    .optional()
    .describe(
      'Binary frames, each behind its length, an unsigned number of so many bytes (1, 2, 4 or 8) that does not count itself. The body is a Buffer.',
    ),
  byteOrder: oneOf(['BIG_ENDIAN', 'LITTLE_ENDIAN'])
    .default('BIG_ENDIAN')
    .describe('How the length before a frame is written.'),
  fixedLength: integer({ min: 1, max: 2 ** 29 })
    .optional()
    .describe('Binary frames of exactly so many bytes. The body is a Buffer.'),
  maxFrameLength: integer({ min: 1, max: 2 ** 30 })
    .default(65_536)
    .describe(
      'Bytes of the longest binary frame, and of what a codec may hold of one. A longer one closes the connection.',
    ),
  codec: valueOrBean('a codec', isCodec)
    .optional()
    .describe(
      'Your own framing: an object with `decoder()`, which makes a decoder for each connection, and `encode(body)`. In place of Camel’s encoders and decoders.',
    ),
  allowDefaultCodec: flag()
    .default(true)
    .describe(
      'False, and no other framing: the body is a Buffer with whatever bytes came at once, however the network cut them.',
    ),
})
