/** Runs the demo service alone: `node src/demo/cli.ts --port 0 --seed 7 --paused`. Ends on SIGINT and SIGTERM. */
import { parseArgs } from 'node:util'

import { failWith, portNumber, readArguments, wholeNumber } from '../command-line.ts'
import { startDemo } from './service.ts'

const usage = `node src/demo/cli.ts [flags]
  --port N          where it listens (default 0: a free one)
  --seed N          data and simulation (default 1)
  --directory PATH  keeps changes here (default: in memory)
  --paused          its people do not work
  --small           6 projects instead of 40, for tests`

const options = readArguments(usage, () => {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      directory: { type: 'string' },
      paused: { type: 'boolean', default: false },
      small: { type: 'boolean', default: false },
    },
  })
  return {
    port: portNumber(values.port),
    seed: wholeNumber('seed', values.seed),
    simulate: !values.paused,
    scale: values.small ? ('small' as const) : ('full' as const),
    ...(values.directory !== undefined && { directory: values.directory }),
  }
})

const demo = await startDemo({ ...options, log: (line) => console.error(line) }).catch((error: unknown) =>
  failWith('The demo service could not start', error),
)
console.log(`Demo service ready: ${demo.url}`)
console.log(`A token for an hour: ${demo.token()}`)

const stop = () => void demo.close()
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
