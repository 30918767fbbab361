/**
 * One app, three hosts: real Electron, the stand-in (the same built bundles on Node, windows as Chromium pages)
 * and the headless host. A test sees windows and cannot tell them apart.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { _electron, chromium, type Browser, type Page } from '@playwright/test'
import { findElectron } from '../../scripts/electron-binary.ts'
import { findChromium } from '../../scripts/chromium.ts'
import { built, root } from '../../scripts/paths.ts'
import { run, type Program } from './program.ts'

export type Host = 'electron' | 'stand-in' | 'web'

export interface App {
  readonly host: Host
  /** Windows in the order in which they were opened; the first is there from the start. */
  window(number: number): Promise<Page>
  /** The inspector's window, which opens with the first call. */
  inspector(): Promise<Page>
  /** What the main process printed. */
  readonly lines: readonly string[]
  /** Clicks an item of the menu, `File/New Window`, on the stand-in. */
  menu(path: string): void
  /** May be called again. */
  quit(): Promise<void>
}

export interface LaunchOptions {
  readonly host: Host
  /** Where the app keeps its data. */
  readonly directory: string
  /** The service to sync with, and its token. */
  readonly service: { readonly url: string; readonly token: string }
}

export async function launch({ host, directory, service }: LaunchOptions): Promise<App> {
  const environment = { HEADWATER_SERVICE: service.url, HEADWATER_TOKEN: service.token }
  switch (host) {
    case 'electron':
      return await launchElectron(directory, environment)
    case 'stand-in':
      return await launchStandIn(directory, environment)
    case 'web':
      return await launchWeb(directory, environment)
  }
}

type Environment = { readonly [name: string]: string }

/** A browser that minds its own business. */
const quietly = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function noMenu(): never {
  throw new Error('Only the stand-in has a menu that a test can click.')
}

/** The first page that `find` finds, once it is there. */
async function waitFor(find: () => Page | undefined): Promise<Page> {
  for (;;) {
    const page = find()
    if (page !== undefined) return page
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

const isRoot = process.getuid?.() === 0

async function launchElectron(directory: string, environment: Environment): Promise<App> {
  const lines: string[] = []
  const app = await _electron.launch({
    executablePath: findElectron()!,
    args: [...(isRoot ? ['--no-sandbox'] : []), built.app, '--directory', directory],
    env: { ...(process.env as Environment), ...environment },
  })
  app.process().stdout?.on('data', (chunk) => lines.push(...String(chunk).split('\n')))
  return {
    host: 'electron',
    lines,
    menu: noMenu,
    inspector: noMenu,
    window: async (number) => {
      while (app.windows().length <= number) await app.waitForEvent('window')
      return app.windows()[number]!
    },
    quit: () => app.close(),
  }
}

export interface StandIn {
  readonly main: Program
  /** All pages of the app, in the order in which they were opened. */
  pages(): Page[]
  quit(): Promise<void>
}

/** Runs a built main process on the stand-in, with `directory` as its working directory. */
export async function startStandIn(
  directory: string,
  args: readonly string[],
  environment: Environment = {},
): Promise<StandIn> {
  const browser = run(findChromium()!, [
    '--headless=new',
    ...(isRoot ? ['--no-sandbox'] : []),
    '--remote-debugging-port=0',
    ...quietly,
    `--user-data-dir=${join(directory, 'chromium')}`,
  ])
  const address = (await browser.line(/^DevTools listening on (\S+)/))[1]!
  // First: a browser that two connect to at once may answer neither.
  const view = await connectTo(address)
  const [context] = view.contexts()
  const register = join(root, 'test/electron/register.mjs')
  const variables = { ...environment, STAND_IN_BROWSER: address }
  const main = run(process.execPath, ['--import', register, ...args], variables, directory)
  return {
    main,
    pages: () => context!.pages().filter((page) => page.url().includes('.stand-in.test')),
    quit: async () => {
      await main.end()
      await view.close()
      await browser.end()
    },
  }
}

/** A browser that is just starting sometimes never answers its first connection; the next one it does. */
async function connectTo(address: string, attempts = 4): Promise<Browser> {
  try {
    return await chromium.connectOverCDP(address, { timeout: 15_000 })
  } catch (error) {
    if (attempts === 1) throw error
    return await connectTo(address, attempts - 1)
  }
}

async function launchStandIn(directory: string, environment: Environment): Promise<App> {
  await mkdir(directory, { recursive: true })
  const app = [join(built.main, 'main.cjs'), '--directory', directory]
  const { main, pages, quit } = await startStandIn(directory, app, environment)
  await main.line(/^Headwater ready/)
  const pagesOf = (isInspector: boolean) =>
    pages().filter((page) => page.url().includes('/inspector.html') === isInspector)
  return {
    host: 'stand-in',
    lines: main.lines,
    menu: (path) => main.say(`menu ${path}`),
    inspector: async () => {
      main.say('menu View/Sync Inspector')
      return await waitFor(() => pagesOf(true)[0])
    },
    window: (number) => waitFor(() => pagesOf(false)[number]),
    quit,
  }
}

async function launchWeb(directory: string, environment: Environment): Promise<App> {
  const host = run(
    process.execPath,
    [join(root, 'scripts/headless.ts'), '--directory', directory],
    environment,
  )
  const url = (await host.line(/^Headwater ready: (\S+)/))[1]!
  const browser = await chromium.launch({ executablePath: findChromium()!, chromiumSandbox: !isRoot })
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const inspectorUrl = (await host.line(/^Sync inspector: (\S+)/))[1]!
  const windows: Page[] = []
  let inspector: Promise<Page> | null = null
  const open = async (address: string) => {
    const page = await context.newPage()
    await page.goto(address)
    return page
  }
  return {
    host: 'web',
    lines: host.lines,
    menu: noMenu,
    inspector: () => (inspector ??= open(inspectorUrl)),
    window: async (number) => {
      while (windows.length <= number) windows.push(await open(url))
      return windows[number]!
    },
    quit: async () => {
      await browser.close()
      await host.end()
    },
  }
}
