/**
 * Cuts the bytes of one connection into frames. It has no socket and no clock: how the bytes were cut on their way changes
 * nothing. One that threw is not asked again.
 */
export interface Decoder<Frame = unknown> {
  /** More bytes, to keep. Only called after {@link next} has returned undefined, so that one chunk is held at most. */
  push(chunk: Buffer): void
  /** The next whole frame, or undefined when there is none. Throws for bytes that can become no frame. */
  next(): Frame | undefined
  /** Once {@link next} has returned undefined: how many bytes are held of a frame that is not complete. */
  readonly pending: number
}

/** How messages become bytes and bytes messages: what the option `codec` takes. */
export interface Codec {
  /** A fresh one for each connection. */
  decoder(): Decoder
  /** A whole frame, with what ends or precedes it; a text is written in UTF-8. Throws for a body that fits no frame. */
  encode(body: unknown): Uint8Array | string
}
