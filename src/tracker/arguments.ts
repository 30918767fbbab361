/**
 * The tracker's command line, the same for the desktop app and the headless host:
 * `--seed 7 --paused --directory PATH`. The environment may name a service to sync with instead of the
 * embedded demo: `HEADWATER_SERVICE` (its URL) and `HEADWATER_TOKEN`, which belongs on no command line.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { wholeNumber } from '../command-line.ts'
import type { TrackerOptions } from './open.ts'

export interface TrackerArguments extends Pick<TrackerOptions, 'seed' | 'paused' | 'service'> {
  /** Where the app keeps its data; null: where the platform says. */
  readonly directory: string | null
}

/** Unknown arguments are left to others. Throws a `UsageError` for a seed that is no whole number. */
export function trackerArguments(
  argv: readonly string[],
  environment: { readonly [name: string]: string | undefined },
): TrackerArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: { seed: { type: 'string' }, paused: { type: 'boolean' }, directory: { type: 'string' } },
    strict: false,
  })
  const seed = typeof values.seed === 'string' ? wholeNumber('seed', values.seed) : null
  const { HEADWATER_SERVICE: endpoint, HEADWATER_TOKEN: token } = environment
  return {
    directory: typeof values.directory === 'string' ? resolve(values.directory) : null,
    paused: values.paused === true,
    ...(seed !== null && { seed }),
    ...(endpoint !== undefined && token !== undefined && { service: { endpoint, token } }),
  }
}
