/**
 * `npm start`: builds, then shows the app. In an Electron window where that can be, else in a browser tab over
 * the headless host. `npm start -- --help` names the flags.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { failWith, readArguments } from '../src/command-line.ts'
import { fetchElectron, findElectron } from './electron-binary.ts'
import { headlessArguments } from './headless-arguments.ts'
import { built, root } from './paths.ts'

const usage = `npm start -- [flags]
  --seed N          data and simulation of the demo (default 1)
  --paused          the demo's people do not work until asked to
  --directory PATH  where the data is kept
  --headless        a browser tab even where Electron is present
  --port N          port of the headless host (default: a free one)
  --no-open         do not open the browser`

const argv = process.argv.slice(2)
const { flags, options } = readArguments(usage, () => ({
  flags: readFlags(),
  options: headlessArguments(argv),
}))
endWithNpm()
await checkPort().catch(fail)

const building = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' })
if (building.status !== 0) process.exit(building.status ?? 1)

const electron = await electronOrReason()
if ('path' in electron) {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const app = spawn(electron.path, [...asRoot, built.app, ...argv], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.kill(signal))
  app.on('exit', (code) => process.exit(code ?? 1))
} else {
  console.log(electron.reason)
  // Loaded as late as this, so that what is wrong with the flags is said at once.
  const { runHeadless } = await import('./headless.ts')
  const url = await runHeadless(options).catch(fail)
  if (flags.open && hasDesktop()) openBrowser(url)
}

/** All flags that there are: another one is a mistake. */
function readFlags(): { readonly headless: boolean; readonly open: boolean } {
  const { values } = parseArgs({
    args: argv,
    options: {
      seed: { type: 'string' },
      paused: { type: 'boolean' },
      directory: { type: 'string' },
      headless: { type: 'boolean', default: false },
      port: { type: 'string' },
      open: { type: 'boolean', default: true },
    },
    allowNegative: true,
  })
  return values
}

/** Whether the port can be had, before the build takes its time. */
async function checkPort(): Promise<void> {
  if (options.port === 0) return
  const server = createServer().listen(options.port, '127.0.0.1')
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

/**
 * npm runs this in a shell. A signal to npm ends the shell, which tells nobody: what is left has another parent.
 */
function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 500)
  watch.unref()
}

async function electronOrReason(): Promise<{ readonly path: string } | { readonly reason: string }> {
  if (flags.headless) return { reason: 'Starting the headless host.' }
  const path = findElectron() ?? (await fetchElectron())
  if (path === null) {
    return { reason: 'Electron’s binary is not here and cannot be fetched: starting the headless host.' }
  }
  if (hasDesktop()) return { path }
  return { reason: 'There is no desktop session for Electron: starting the headless host.' }
}

function hasDesktop(): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return true
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'])
}

/**
 * The URL is on the terminal in any case. Its token must not stand in a command line, which every user of the
 * machine can read: the browser gets a page of this user's own that leads there.
 */
function openBrowser(address: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-start-'))
  const page = join(folder, 'open.html')
  writeFileSync(page, `<meta http-equiv="refresh" content="0;url=${address}">`, { mode: 0o600 })
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const url = pathToFileURL(page).href
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url]
  const browser = spawn(command!, args, { stdio: 'ignore', detached: true })
  browser.on('error', () => undefined)
  browser.unref()
}

function fail(cause: unknown): never {
  failWith('Headwater could not start', cause)
}
