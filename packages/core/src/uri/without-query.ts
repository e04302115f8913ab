/** What a URI names, whatever its options are. */
export const withoutQuery = (uri: string): string => uri.replace(/\?.*$/s, '')
