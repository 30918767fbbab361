/**
 * A guard around electron-trpc 0.7.1, which serves any frame of any page and knows little of how documents
 * end. Its one `ipcMain` listener is captured while it is made; only messages that pass reach it, and only
 * answers that somebody waits for leave.
 *
 * Invariants:
 * - A request is served only if it comes from the main frame of a registered window, at the app's exact
 *   origin, is well formed, and its id is not in use. Everything else is counted and ignored.
 * - A subscription lives at most as long as its document. A document ends when a navigation commits, when its
 *   renderer crashes or its window is destroyed. Downloads, 204 answers, cancelled and in-page navigations
 *   end nothing.
 * - A subscription that ends although its client may be alive gets an error, so that the client subscribes
 *   again.
 *
 * This file names no Electron type, so that it runs in any test: the parts that it needs are below.
 */
import type { AnyRouter } from '@trpc/server'
import { ServedDocument, type Call, type Handle, type Request, type ServedEvent } from './document.ts'
import type { CallContext, WindowRole } from './window.ts'

/** A frame, as `WebFrameMain` has it. */
export interface Frame {
  readonly processId: number
  readonly routingId: number
  /** Scheme and authority, for example `app://headwater`; `null` for an error page. */
  readonly origin: string
}

/** A page, as `WebContents` has it. */
export interface Contents {
  readonly mainFrame: Frame
  isDestroyed(): boolean
  on(event: 'did-start-navigation', listener: (details: NavigationDetails) => void): unknown
  on(event: 'did-fail-load', listener: () => void): unknown
  on(event: 'did-navigate', listener: () => void): unknown
  on(event: 'render-process-gone', listener: () => void): unknown
  on(event: 'destroyed', listener: () => void): unknown
}

export interface NavigationDetails {
  readonly isMainFrame: boolean
  readonly isSameDocument: boolean
}

/** A message, as `IpcMainEvent` has it. */
export interface MessageEvent {
  readonly sender: Contents
  /** Null when the frame is already gone. */
  readonly senderFrame: Frame | null
  reply(channel: string, message: unknown): void
}

type Listener = (event: MessageEvent, message: unknown) => void

/** Electron's `ipcMain`. */
export interface IpcPort {
  on(channel: string, listener: Listener): unknown
  removeListener(channel: string, listener: Listener): unknown
}

export interface GuardOptions {
  readonly ipcMain: IpcPort
  /** `createIPCHandler` of `electron-trpc/main`, handed in because that module imports Electron. */
  readonly createIPCHandler: (options: {
    readonly router: AnyRouter
    readonly createContext: (options: { readonly event: unknown }) => Promise<CallContext>
  }) => unknown
  readonly router: AnyRouter
  /** The app's origin, for example `app://headwater`. */
  readonly origin: string
}

export interface Guard {
  /** Serve this page from now on. `name` is for people, for example `main 1`. */
  register(contents: Contents, window: { readonly name: string; readonly role: WindowRole }): void
  /** Live subscriptions, of all documents. */
  readonly live: number
  /** Messages that were ignored since the start. */
  readonly ignored: number
  /** Serve nobody any more; live subscriptions get an error. */
  close(): void
}

export function createGuard({ ipcMain, createIPCHandler, router, origin }: GuardOptions): Guard {
  const { channel, handle } = captureListener(ipcMain, () =>
    createIPCHandler({
      router,
      createContext: async ({ event }) => (event as ServedEvent).context,
    }),
  )
  const windows = new Map<Contents, ServedWindow>()
  let serial = 0
  let ignored = 0

  const listener: Listener = (event, message) => {
    const window = windows.get(event.sender)
    if (window === undefined || !isMainFrame(event, origin) || !isRequest(message)) {
      ignored++
      return
    }
    window.document ??= new ServedDocument({
      identity: { id: `document-${++serial}`, name: window.name, role: window.role },
      handle,
      send: (answer) => {
        if (!event.sender.isDestroyed()) event.reply(channel, answer)
      },
    })
    if (!window.document.take(message, window.navigations)) ignored++
  }
  ipcMain.on(channel, listener)

  const endDocument = (window: ServedWindow, isAlive: (call: Call) => boolean) => {
    window.document?.end(isAlive)
    window.document = null
  }

  return {
    register(contents, { name, role }) {
      if (windows.has(contents)) return
      const window: ServedWindow = { contents, name, role, document: null, navigations: 0 }
      windows.set(contents, window)
      contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
        if (isMainFrame && !isSameDocument) window.navigations++
      })
      // One frame can serve both documents: what began since the navigation started may be the new one's.
      contents.on('did-navigate', () => endDocument(window, (call) => call.navigation === window.navigations))
      // An error page commits without `did-navigate`. It has another origin than the document it replaced.
      contents.on('did-fail-load', () => {
        if (contents.mainFrame.origin !== origin) endDocument(window, nobody)
      })
      contents.on('render-process-gone', () => endDocument(window, nobody))
      contents.on('destroyed', () => {
        endDocument(window, nobody)
        windows.delete(contents)
      })
    },
    get live() {
      let live = 0
      for (const { document } of windows.values()) live += document?.live ?? 0
      return live
    },
    get ignored() {
      return ignored
    },
    close() {
      ipcMain.removeListener(channel, listener)
      for (const window of windows.values()) endDocument(window, () => true)
      windows.clear()
    },
  }
}

const nobody = () => false

interface ServedWindow {
  readonly contents: Contents
  readonly name: string
  readonly role: WindowRole
  /** The document that calls now; null before its first call. */
  document: ServedDocument | null
  /** How many navigations have started, committed or not. */
  navigations: number
}

function isRequest(message: unknown): message is Request {
  if (!isObject(message)) return false
  if (message['method'] === 'subscription.stop') return Number.isSafeInteger(message['id'])
  const operation = message['operation']
  return (
    message['method'] === 'request' &&
    isObject(operation) &&
    Number.isSafeInteger(operation['id']) &&
    typeof operation['path'] === 'string' &&
    ['query', 'mutation', 'subscription'].includes(operation['type'] as string)
  )
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}

/** Subframes, pages of other origins and frames that are gone are not served. */
function isMainFrame({ sender, senderFrame }: MessageEvent, origin: string): boolean {
  if (senderFrame === null || sender.isDestroyed()) return false
  const { mainFrame } = sender
  return (
    senderFrame.processId === mainFrame.processId &&
    senderFrame.routingId === mainFrame.routingId &&
    senderFrame.origin === origin
  )
}

/** The listener that `make` puts on `ipcMain`, which never gets it. */
function captureListener(ipcMain: IpcPort, make: () => void) {
  const captured: { readonly channel: string; readonly listener: Listener }[] = []
  const { on } = ipcMain
  ipcMain.on = (channel, listener) => captured.push({ channel, listener })
  try {
    make()
  } finally {
    ipcMain.on = on
  }
  const { channel, listener } = captured[0]!
  return { channel, handle: listener as unknown as Handle }
}
