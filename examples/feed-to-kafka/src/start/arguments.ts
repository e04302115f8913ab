/** What is the member's of a command line, and what is the feed's. */
export interface Split {
  readonly feed: readonly string[]
  readonly member: readonly string[]
}

/** `--set` and `--config`, with their values, go to the member. */
export function splitArguments(argv: readonly string[]): Split {
  const split = { feed: [] as string[], member: [] as string[] }
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string
    const isMembers = /^--(set|config)(=|$)/.test(argument)
    const isTwo = isMembers && !argument.includes('=') && i + 1 < argv.length
    split[isMembers ? 'member' : 'feed'].push(argument, ...(isTwo ? [argv[++i] as string] : []))
  }
  return split
}
