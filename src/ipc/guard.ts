/**
 * A guard around electron-trpc 0.7.1, which serves any frame of any page and knows little of how documents
 * end. Its one `ipcMain` listener is captured while it is made; only messages that pass reach it, and only
 * answers that somebody waits for leave.
 *
 * Invariants:
 * - A request is served only if it comes from the main frame of a registered window, at the app's exact
 *   origin, is well formed, and its id is not in use (the client numbers the calls of a page, not of a client).
 *   Everything else is counted and ignored: an answer under an id in use would reach the wrong one.
 * - An answer goes to the frame that asked, by the event that asked.
 * - A subscription lives at most as long as its document. A document ends when a navigation commits, when its
 *   renderer crashes or its window is destroyed. Downloads, 204 answers, cancelled and in-page navigations
 *   end nothing.
 * - A subscription that ends although its client may be alive gets an error, so that the client subscribes
 *   again.
 *
 * This file names no Electron type, so that it runs in any test: the parts that it needs are below.
 */
import type { AnyRouter } from '@trpc/server'
import {
  ServedDocument,
  type Answer,
  type Call,
  type Handle,
  type Request,
  type ServedEvent,
} from './document.ts'
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
  /** Throws when it is gone. */
  readonly mainFrame: Frame
  isDestroyed(): boolean
  on(event: 'did-start-navigation', listener: (details: NavigationDetails) => void): unknown
  on(event: PageEvent, listener: () => void): unknown
  off(event: 'did-start-navigation', listener: (details: NavigationDetails) => void): unknown
  off(event: PageEvent, listener: () => void): unknown
}

type PageEvent = 'did-fail-load' | 'did-navigate' | 'render-process-gone' | 'destroyed'

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
  /**
   * Serve this page from now on. `name` is for people, for example `main 1`. Throws a `TypeError` for a page that is
   * registered already, unless as the same.
   */
  register(contents: Contents, window: { readonly name: string; readonly role: WindowRole }): void
  /** Registered windows that live. */
  readonly windows: number
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
    })
    const send = (answer: Answer) => {
      if (!event.sender.isDestroyed()) event.reply(channel, answer)
    }
    if (!window.document.take(message, { navigation: window.navigations, send })) ignored++
  }
  ipcMain.on(channel, listener)

  const endDocument = (window: ServedWindow, isAlive: (call: Call) => boolean) => {
    window.document?.end(isAlive)
    window.document = null
  }

  return {
    register(contents, { name, role }) {
      const known = windows.get(contents)
      if (known?.name === name && known.role === role) return
      if (known !== undefined) {
        throw new TypeError(`The window is registered already, as ${known.name} with the role ${known.role}.`)
      }
      const window: ServedWindow = { name, role, document: null, navigations: 0, forget: () => {} }
      windows.set(contents, window)
      const onStart = ({ isMainFrame, isSameDocument }: NavigationDetails) => {
        if (isMainFrame && !isSameDocument) window.navigations++
      }
      const listeners: { readonly [event in PageEvent]: () => void } = {
        // One frame can serve both documents: what began since the navigation started may be the new one's.
        'did-navigate': () => endDocument(window, (call) => call.from.navigation === window.navigations),
        // An error page commits without `did-navigate`. It has another origin than the document it replaced.
        'did-fail-load': () => {
          if (frameOf(() => contents.mainFrame)?.origin !== origin) endDocument(window, nobody)
        },
        'render-process-gone': () => endDocument(window, nobody),
        destroyed: () => {
          endDocument(window, nobody)
          windows.delete(contents)
        },
      }
      const entries = Object.entries(listeners) as [PageEvent, () => void][]
      contents.on('did-start-navigation', onStart)
      for (const [event, hear] of entries) contents.on(event, hear)
      window.forget = () => {
        contents.off('did-start-navigation', onStart)
        for (const [event, hear] of entries) contents.off(event, hear)
      }
    },
    get windows() {
      return windows.size
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
      for (const window of windows.values()) {
        endDocument(window, () => true)
        window.forget()
      }
      windows.clear()
    },
  }
}

const nobody = () => false

interface ServedWindow {
  readonly name: string
  readonly role: WindowRole
  /** The document that calls now; null before its first call. */
  document: ServedDocument | null
  /** How many navigations have started, committed or not. */
  navigations: number
  /** Hears of its page no more. */
  forget: () => void
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
function isMainFrame(event: MessageEvent, origin: string): boolean {
  if (event.sender.isDestroyed()) return false
  const [frame, mainFrame] = [frameOf(() => event.senderFrame), frameOf(() => event.sender.mainFrame)]
  return (
    frame !== null &&
    mainFrame !== null &&
    frame.processId === mainFrame.processId &&
    frame.routingId === mainFrame.routingId &&
    frame.origin === origin
  )
}

/** Null where it is gone: asking then throws, and a frame can go while its message is on the way. */
function frameOf(ask: () => Frame | null): Frame | null {
  try {
    const frame = ask()
    if (frame === null) return null
    const { processId, routingId, origin } = frame
    return { processId, routingId, origin }
  } catch {
    return null
  }
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
