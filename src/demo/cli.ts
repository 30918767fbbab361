/**
 * Runs the demo service alone: `node src/demo/cli.ts --port 0 --seed 7 --paused`.
 * Ends on SIGINT and SIGTERM.
 */
import { parseArgs } from 'node:util'

import { startDemo } from './service.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    directory: { type: 'string' },
    paused: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
  },
})

const demo = await startDemo({
  port: Number(values.port),
  seed: Number(values.seed),
  simulate: !values.paused,
  scale: values.small ? 'small' : 'full',
  log: (line) => console.error(line),
  ...(values.directory === undefined ? {} : { directory: values.directory }),
})
console.log(`Demo service ready: ${demo.url}`)
console.log(`A token for an hour: ${demo.token()}`)

const stop = () => void demo.close()
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
