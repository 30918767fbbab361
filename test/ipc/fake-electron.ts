/**
 * The parts of Electron that the guard sees: `ipcMain` and pages, driven by the test. electron-trpc itself is
 * the real one; what it imports as `electron` is this file's `ipcMain`. A page's messages are cloned as
 * Electron would.
 */
import { EventEmitter } from 'node:events'
import { registerHooks } from 'node:module'
import type { Contents, Frame, GuardOptions, MessageEvent } from '../../src/ipc/guard.ts'

export const ORIGIN = 'app://headwater'
export const ipcMain = new EventEmitter()

/** `createIPCHandler` of the real electron-trpc. */
export async function loadElectronTrpc(): Promise<GuardOptions['createIPCHandler']> {
  Object.assign(globalThis, { fakeIpcMain: ipcMain })
  const stub = `data:text/javascript,export const ipcMain = globalThis.fakeIpcMain; export const ipcRenderer = {}, contextBridge = {}`
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'electron' ? { url: stub, shortCircuit: true } : next(specifier, context),
  })
  try {
    return (await import('electron-trpc/main')).createIPCHandler
  } finally {
    hooks.deregister()
  }
}

export type Answer = {
  id: number
  result?: { type: string; data: unknown }
  error?: { message: string; data: unknown }
}

export class FakePage extends EventEmitter implements Contents {
  mainFrame: Frame
  /** Everything that reached the page. */
  readonly answers: Answer[] = []
  /** What the preload hands on to the page's client. */
  onAnswer: (answer: Answer) => void = () => {}
  #destroyed = false
  #id = 0

  constructor(frame: Partial<Frame> = {}) {
    super()
    this.mainFrame = { processId: 7, routingId: 1, origin: ORIGIN, ...frame }
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  /** A message as the preload sends it; from another frame than the main one when given. */
  send(message: unknown, senderFrame: Frame | null = this.mainFrame): void {
    const event: MessageEvent = {
      sender: this,
      senderFrame,
      reply: (_channel, answer) => {
        const arrived = structuredClone(answer) as Answer
        this.answers.push(arrived)
        this.onAnswer(arrived)
      },
    }
    ipcMain.emit('electron-trpc', event, structuredClone(message))
  }

  /** A request; its id. */
  request(
    type: 'query' | 'mutation' | 'subscription',
    path: string,
    input?: unknown,
    id = ++this.#id,
  ): number {
    this.send({ method: 'request', operation: { id, type, path, input } })
    return id
  }

  stop(id: number): void {
    this.send({ method: 'subscription.stop', id })
  }

  /** What came for one request. */
  to(id: number): unknown[] {
    return this.answers
      .filter((answer) => answer.id === id)
      .map(({ result, error }) => error?.data ?? result?.data)
  }

  startNavigation(details: { isSameDocument?: boolean; isMainFrame?: boolean } = {}): void {
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false, ...details })
  }

  /** The navigation that began commits: a new document, whose client counts from 1, in the same frame or not. */
  commit(frame: Partial<Frame> = {}): void {
    this.mainFrame = { ...this.mainFrame, ...frame }
    this.#id = 0
    this.emit('did-navigate')
  }

  crash(): void {
    this.emit('render-process-gone')
  }

  destroy(): void {
    this.#destroyed = true
    this.emit('destroyed')
  }
}

/** Everything that was under way has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}
