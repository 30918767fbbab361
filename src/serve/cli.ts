/**
 * `npm run serve -- --config FILE [--once]`: a headless daemon against any compatible service. Ends on SIGINT and
 * SIGTERM; with `--once` when everything subscribed has synced, and then the last line has the row counts as JSON.
 */
import { parseArgs } from 'node:util'
import { readConfig } from './config.ts'
import { serve } from './serve.ts'

const usage = 'Usage: npm run serve -- --config FILE [--once]\n'

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => ended.abort(new Error(`Ended by ${signal}.`)))
}

try {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      once: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) process.stdout.write(usage)
  else if (values.config === undefined) throw new Error(usage.trim())
  else await run(values.config, values.once)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function run(path: string, once: boolean): Promise<void> {
  const { daemon, once: synced } = await serve(await readConfig(path), (line) =>
    process.stdout.write(`${line}\n`),
  )
  let counts: object | null = null
  try {
    if (once) counts = await synced(ended.signal)
    else await new Promise((resolve) => void ended.signal.addEventListener('abort', resolve, { once: true }))
  } finally {
    await daemon.close()
  }
  if (counts !== null) process.stdout.write(`${JSON.stringify(counts)}\n`)
}
