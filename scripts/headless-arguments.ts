/** The command line of the headless host, apart from the host: it is read before anything large is loaded. */
import { parseArgs } from 'node:util'
import { portNumber } from '../src/command-line.ts'
import { trackerArguments, type TrackerArguments } from '../src/tracker/arguments.ts'

export interface HeadlessArguments extends TrackerArguments {
  /** 0: a free one. */
  readonly port: number
}

/** Unknown arguments are left to others. Throws a `UsageError`. */
export function headlessArguments(argv: readonly string[]): HeadlessArguments {
  const { values } = parseArgs({ args: [...argv], options: { port: { type: 'string' } }, strict: false })
  const port = typeof values.port === 'string' ? portNumber(values.port) : 0
  return { ...trackerArguments(argv, process.env), port }
}
