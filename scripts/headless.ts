/**
 * The headless host as a program: the same daemon and pages as the desktop app, in a browser tab.
 * `node scripts/headless.ts [--seed N] [--paused] [--directory PATH] [--port N]`; the pages must be built.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRouter } from '../src/ipc/router.ts'
import { trackerArguments } from '../src/tracker/arguments.ts'
import { openTracker } from '../src/tracker/open.ts'
import { serveWeb } from '../src/web/serve.ts'
import { built } from './paths.ts'

/** Runs until SIGINT or SIGTERM; resolves with the app's URL when it is up. */
export async function runHeadless(argv: readonly string[]): Promise<string> {
  const { directory, ...options } = trackerArguments(argv, process.env)
  const tracker = await openTracker({ ...options, directory: directory ?? userDirectory() })
  const { daemon, demo } = tracker
  const router = createRouter({ daemon, ...(demo !== null && { demo }) })
  const host = await serveWeb({ router, directory: built.renderer, port: portArgument(argv) }).catch(
    async (cause: unknown) => {
      await tracker.close()
      throw cause
    },
  )
  const stop = () => {
    void host
      .close()
      .then(() => tracker.close())
      .then(() => process.exit())
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  console.log(`Headwater ready: ${host.url}`)
  console.log(`Sync inspector: ${host.inspectorUrl}`)
  return host.url
}

function portArgument(argv: readonly string[]): number {
  const { values } = parseArgs({ args: [...argv], options: { port: { type: 'string' } }, strict: false })
  return typeof values.port === 'string' ? Number(values.port) : 0
}

/** Where the platform keeps a user's data. */
function userDirectory(): string {
  const home = homedir()
  const base =
    process.platform === 'darwin'
      ? join(home, 'Library/Application Support')
      : process.platform === 'win32'
        ? (process.env['APPDATA'] ?? join(home, 'AppData/Roaming'))
        : (process.env['XDG_DATA_HOME'] ?? join(home, '.local/share'))
  return join(base, 'headwater-demo')
}

if (process.argv[1] === import.meta.filename) await runHeadless(process.argv.slice(2))
