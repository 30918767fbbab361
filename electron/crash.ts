/**
 * A window whose page crashed. Its holds and watches are given back at that moment (`src/ipc/guard.ts`); whether it
 * comes back the person decides.
 */

/** The parts of `BrowserWindow` that this needs. */
export interface CrashingWindow {
  isDestroyed(): boolean
  close(): void
  readonly webContents: {
    on(event: 'render-process-gone', listener: (event: unknown, gone: Gone) => void): unknown
    reload(): void
  }
}

export interface Gone {
  /** `clean-exit`: its process ended as it should. */
  readonly reason: string
}

/**
 * Each time that the page crashes, `ask` is called: true loads it anew, false closes the window. One question is
 * open at a time.
 */
export function offerReload(window: CrashingWindow, ask: (reason: string) => Promise<boolean>): void {
  let isAsked = false
  const offer = async (reason: string) => {
    isAsked = true
    try {
      const wanted = await ask(reason)
      if (window.isDestroyed()) return
      if (wanted) window.webContents.reload()
      else window.close()
    } catch (cause) {
      console.error('The question whether to reload a window failed.', cause)
    } finally {
      isAsked = false
    }
  }
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && !isAsked && !window.isDestroyed()) void offer(reason)
  })
}
