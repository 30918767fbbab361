/**
 * Electron's `WebContents` over a page of a real Chromium: navigation events when they truly happen (start,
 * commit, in-page, crash), IPC through bindings, the preload before the page's own scripts.
 */
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import type { BrowserContext, Page, Route } from 'playwright'
import { answer, fromChromium, originOf, toChromium } from './protocol.ts'
import { preloadScript } from './preload-script.ts'

/** Electron's `ipcMain`, as far as it is used: messages, no `invoke`. */
export const ipcMain = new EventEmitter()

let ids = 0

export class WebContents extends EventEmitter {
  readonly id = ++ids
  mainFrame = { processId: this.id, routingId: 1, url: '', origin: 'null' }
  #page: Page | null = null
  #isDestroyed = false
  /** The address that the app itself loads: no `will-navigate` for it. */
  #loading: string | null = null
  #openHandler: (details: { url: string }) => unknown = () => ({ action: 'deny' })
  /** Messages for one document, in order. */
  #outgoing: { readonly document: string; readonly channel: string; readonly message: unknown }[] = []

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  getURL(): string {
    return this.mainFrame.url
  }

  setWindowOpenHandler(handler: (details: { url: string }) => unknown): void {
    this.#openHandler = handler
  }

  async load(url: string): Promise<void> {
    this.#loading = toChromium(url)
    await this.#page?.goto(this.#loading)
  }

  async close(): Promise<void> {
    await this.#page?.close()
  }

  async attach(context: BrowserContext, preload: string | undefined): Promise<void> {
    const page = await context.newPage()
    this.#page = page
    await page.exposeBinding(
      '__standInSend',
      ({ frame }, document: string, channel: string, message: unknown) => {
        if (frame === page.mainFrame()) this.#receive(document, channel, message)
      },
    )
    if (preload !== undefined) await page.addInitScript(preloadScript(readFileSync(preload, 'utf8')))
    await page.route('**/*', (route) => this.#route(route).catch(() => undefined))

    page.on('request', (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) {
        this.emit('did-start-navigation', {
          isMainFrame: true,
          isSameDocument: false,
          url: fromChromium(request.url()),
        })
      }
    })
    page.on('load', () => this.emit('did-finish-load'))
    page.on('popup', (popup) => void popup.close())
    page.on('crash', () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 }))
    page.on('close', () => {
      this.#isDestroyed = true
      this.emit('destroyed')
    })
    await this.#watchBrowser(context, page)
  }

  /** Playwright's own events do not tell a new document from an in-page navigation, nor what a popup asked for. */
  async #watchBrowser(context: BrowserContext, page: Page): Promise<void> {
    const session = await context.newCDPSession(page)
    await session.send('Page.enable')
    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined)
        return void this.emit('did-frame-navigate', {}, frame.url, 200, '', false)
      const failed = frame.unreachableUrl !== undefined
      const url = fromChromium(frame.unreachableUrl ?? frame.url)
      this.mainFrame = { ...this.mainFrame, url, origin: failed ? 'null' : originOf(url) }
      if (failed) return void this.emit('did-fail-load', {}, -2, 'ERR_FAILED', url, true)
      this.emit('did-frame-navigate', {}, url, 200, '', true)
      this.emit('did-navigate', {}, url, 200, '')
    })
    session.on('Page.windowOpen', ({ url }) => void this.#openHandler({ url: fromChromium(url) }))
    session.on('Page.navigatedWithinDocument', ({ url }) => {
      this.mainFrame = { ...this.mainFrame, url: fromChromium(url) }
      this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true, url })
      this.emit('did-navigate-in-page', {}, url, true)
    })
  }

  async #route(route: Route): Promise<void> {
    const request = route.request()
    const isNavigation = request.isNavigationRequest() && request.frame() === this.#page?.mainFrame()
    if (isNavigation && request.url() !== this.#loading && this.#isPrevented(fromChromium(request.url()))) {
      return await route.abort('aborted')
    }
    await answer(route)
  }

  #isPrevented(url: string): boolean {
    let prevented = false
    this.emit('will-navigate', { url, preventDefault: () => (prevented = true) })
    return prevented
  }

  #receive(document: string, channel: string, message: unknown): void {
    ipcMain.emit(
      channel,
      {
        sender: this,
        senderFrame: this.mainFrame,
        // What cannot be cloned throws, as in Electron.
        reply: (to: string, answer: unknown) => this.#send(document, to, deserialize(serialize(answer))),
      },
      message,
    )
  }

  #send(document: string, channel: string, message: unknown): void {
    if (this.#outgoing.push({ document, channel, message }) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const batch = this.#outgoing
    this.#outgoing = []
    if (this.#isDestroyed) return
    // Fails while a document is being replaced: its messages go with it.
    this.#page
      ?.evaluate((messages) => {
        const receive = Reflect.get(globalThis, '__standInReceive') as
          | ((messages: unknown) => void)
          | undefined
        receive?.(messages)
      }, batch)
      .catch(() => undefined)
  }
}
