/**
 * Who calls: one live document of a window. Every router call carries it as its context.
 */

/**
 * What a window is for; the host decides when it makes the window.
 *
 * - `app`: a window of the app.
 * - `inspector`: people look into the daemon with it.
 * - `headless`: nobody sits before it: a hidden window of the app, or a program at the headless host's WebSocket. It
 *   holds streams and reads the app's named queries, and steers nothing.
 */
export type WindowRole = 'app' | 'inspector' | 'headless'

export interface WindowIdentity {
  /** Names one document: another one after each reload or new connection. */
  readonly id: string
  /** For people and the inspector, for example `main 1` or `tab 3`. Holds on streams carry it. */
  readonly name: string
  readonly role: WindowRole
}

/** The context of every procedure. */
export interface CallContext {
  readonly window: WindowIdentity
  /** Aborts when the document has ended and nobody waits for the answer: a read is cancelled then. Default: never. */
  readonly ended?: AbortSignal
}
