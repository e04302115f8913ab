import fc from 'fast-check'

const CHARACTERS = ['RAW(', 'RAW{', ')&', '%41', '%zz', '//', ...' %+&?=#(){}[]\n\r\t\u0000/:@\\\'"aB1ø€', '\u{1F42A}']

/** Texts made of what means something in a URI. */
export function nastyText(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: 12 })
}
