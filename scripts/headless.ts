/**
 * The headless host as a program: the same daemon and pages as the desktop app, in a browser tab.
 * `node scripts/headless.ts --help`; the pages must be built.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { failWith, readArguments } from '../src/command-line.ts'
import { createRouter } from '../src/ipc/router.ts'
import { openTracker } from '../src/tracker/open.ts'
import { serveWeb } from '../src/web/serve.ts'
import { headlessArguments, type HeadlessArguments } from './headless-arguments.ts'
import { built } from './paths.ts'

/** Runs until SIGINT or SIGTERM; resolves with the app's URL when it is up. */
export async function runHeadless({ directory, port, ...options }: HeadlessArguments): Promise<string> {
  const tracker = await openTracker({ ...options, directory: directory ?? userDirectory() })
  const { daemon, demo } = tracker
  const router = createRouter({ daemon, ...(demo !== null && { demo }) })
  const host = await serveWeb({ router, directory: built.renderer, port }).catch(async (cause: unknown) => {
    await tracker.close()
    throw cause
  })
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

if (process.argv[1] === import.meta.filename) {
  const usage = 'node scripts/headless.ts [--seed N] [--paused] [--directory PATH] [--port N]'
  const options = readArguments(usage, () => headlessArguments(process.argv.slice(2)))
  await runHeadless(options).catch((error: unknown) => failWith('Headwater could not start', error))
}
