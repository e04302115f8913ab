/** How the length of a frame is written before it: an unsigned number. */
export interface LengthField {
  /** Bytes. */
  readonly size: 1 | 2 | 4 | 8
  readonly read: (bytes: Buffer) => number
  readonly write: (length: number) => Buffer
}

/** Big endian is the order of the network, and Netty's. Numbers above 2^53 are read as about what they are. */
export function lengthField(size: 1 | 2 | 4 | 8, order: 'BIG_ENDIAN' | 'LITTLE_ENDIAN'): LengthField {
  const big = order === 'BIG_ENDIAN'
  return {
    size,
    read: bytes => {
      if (size === 8) return Number(big ? bytes.readBigUInt64BE() : bytes.readBigUInt64LE())
      return big ? bytes.readUIntBE(0, size) : bytes.readUIntLE(0, size)
    },
    write: length => {
      const bytes = Buffer.alloc(size)
      if (size !== 8) big ? bytes.writeUIntBE(length, 0, size) : bytes.writeUIntLE(length, 0, size)
      else if (big) bytes.writeBigUInt64BE(BigInt(length))
      else bytes.writeBigUInt64LE(BigInt(length))
      return bytes
    },
  }
}

/** The longest frame that the field can say. */
export function longestIn(size: number): number {
  return size >= 7 ? Number.MAX_SAFE_INTEGER : 2 ** (8 * size) - 1
}
