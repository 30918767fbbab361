/**
 * What the project's programs have in common: their flags are read before anything is done. What is wrong with
 * them is one line on standard error and exit code 2; `--help` prints the usage.
 */

/** A flag or an argument that cannot be used. The message is a whole sentence. */
export class UsageError extends Error {
  readonly code = 'usage'
}

/**
 * What `read` makes of the arguments. Ends the program when it throws a `UsageError` or what `parseArgs` throws, and
 * for `--help`.
 *
 * @example
 * const { values } = readArguments(usage, () => parseArgs({ options: { port: { type: 'string' } } }))
 */
export function readArguments<T>(usage: string, read: () => T): T {
  if (process.argv.includes('--help')) {
    console.log(usage)
    process.exit()
  }
  try {
    return read()
  } catch (error) {
    if (!isAboutUsage(error)) throw error
    console.error(error instanceof UsageError ? error.message : `${firstSentence(error)} See --help.`)
    process.exit(2)
  }
}

/** Throws a `UsageError` for anything but a whole number, from `range[0]` to `range[1]` where that is given. */
export function wholeNumber(flag: string, text: string, range?: readonly [from: number, to: number]): number {
  const value = Number(text)
  const isInRange = range === undefined || (value >= range[0] && value <= range[1])
  if (text.trim() !== '' && Number.isSafeInteger(value) && isInRange) return value
  const wanted = range === undefined ? 'a whole number' : `a whole number from ${range[0]} to ${range[1]}`
  throw new UsageError(`--${flag} takes ${wanted}, and this is “${text}”.`)
}

/** Throws a `UsageError` for what is no port; 0 is any free one. */
export function portNumber(text: string): number {
  return wholeNumber('port', text, [0, 65_535])
}

/** Ends the program with one line: what it could not do, and why. */
export function failWith(what: string, cause: unknown): never {
  console.error(`${what}: ${reason(cause)}`)
  process.exit(1)
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const { code, port } = cause as NodeJS.ErrnoException & { readonly port?: number }
  if (code === 'EADDRINUSE') return `port ${port} is in use. Choose another one, or leave --port out.`
  return cause.message
}

/** What Node says after it is advice for programmers. */
function firstSentence({ message }: Error): string {
  return `${message.split('. ', 1)[0]!.replace(/\.$/, '')}.`
}

function isAboutUsage(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return (
    error instanceof Error && (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true
  )
}
